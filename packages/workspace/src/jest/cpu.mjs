/** The CPU time of test files: what this process and the programs that it has started have used. */
import { readFileSync } from 'node:fs';

/** Linux reports times of processes in this unit (USER_HZ), whatever the kernel's own is. */
const TICKS_PER_SECOND = 100;
/** Fields 16 and 17 of proc_pid_stat(5), counted after the name, which may contain spaces. */
const [CUTIME, CSTIME] = [13, 14];

/** @returns {number} seconds of programs that have ended, with the programs that those started and waited for; 0 without /proc */
function ofChildren() {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[CUTIME]) + Number(fields[CSTIME])) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

/**
 * @typedef Cpu seconds of CPU, user and system
 * @property {number} own of this process, with all its threads
 * @property {number} children of the programs that it has started and that have ended
 */

/** @type {Cpu} */
let before = { own: 0, children: 0 };

/** @returns {Cpu} what was used since the last call; the first time, since the process started */
export function cpuSince() {
  const { user, system } = process.cpuUsage();
  const now = { own: (user + system) / 1e6, children: ofChildren() };
  const used = { own: now.own - before.own, children: now.children - before.children };
  before = now;
  return used;
}

/** @param {Cpu} cpu */
const total = ({ own, children }) => own + children;

/** @param {number} seconds */
const inColumn = (seconds) => seconds.toFixed(1).padStart(6);

/**
 * @param {ReadonlyMap<string, Cpu>} files the CPU time of each file
 * @param {number} count how many to list
 * @returns {string} the files that use most, and the sum of all
 */
export function mostExpensive(files, count) {
  const all = [...files].sort(([, a], [, b]) => total(b) - total(a));
  const sum = all.reduce((seconds, [, cpu]) => seconds + total(cpu), 0);
  const lines = all
    .slice(0, count)
    .map(([path, cpu]) => `${inColumn(cpu.own)} ${inColumn(cpu.children)}  ${path}`);
  return [
    'seconds of CPU of the process and of programs that it started, by test file:',
    ...lines,
    `${inColumn(sum)} in all ${all.length} files`,
    '',
  ].join('\n');
}
