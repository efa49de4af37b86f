#!/usr/bin/env node
// Runs the command from its sources, so that inside the repository no build can be out of date. What is published
// has the compiled program instead: `publishConfig.bin` in package.json.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const sources = import.meta.resolve('./sources.mjs');
const node = ['--conditions=iommufd-source', '--import', sources, main, ...process.argv.slice(2)];
const { status, signal } = spawnSync(process.execPath, node, { stdio: 'inherit' });
process.exitCode = status ?? 1;
if (signal !== null) process.kill(process.pid, signal);
