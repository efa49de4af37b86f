/**
 * Compares steps of implementations: in a process of its own, where the code runs for the first time.
 * @process own
 */
import { afterAll, expect, test } from '@jest/globals';
import { StepCounter } from '@iommufd/testkit';
import { isCannot } from './implementation.js';
import { implementations } from './implementations/index.js';
import { held, MOST } from './held.js';
import type { Input, Runner, Workload } from './workload.js';
import { workloads } from './workloads/index.js';

const inputs = new Map<() => Input, Input>();

/** What workloads are given. Several are given the same, which takes long to make. */
function inputOf(make: () => Input): Input {
  if (!inputs.has(make)) inputs.set(make, make());
  return inputs.get(make);
}

async function start(workload: Workload, name: string): Promise<Runner> {
  if (workload.kind === 'cases') {
    const runner = await workload.cases.find((one) => one.name === name)?.start();
    if (runner === undefined || isCannot(runner)) throw new TypeError(`${workload.name} has no ${name}`);
    return runner;
  }
  const implementation = implementations.find((one) => one.name === name && workload.takesPart(one) === true);
  if (implementation === undefined) throw new TypeError(`${workload.name} has no ${name}`);
  return workload.start(implementation, inputOf(workload.input));
}

const counter = new StepCounter();
afterAll(() => counter.stop());

/** Steps that an operation takes. */
async function stepsOf(workload: Workload, name: string): Promise<number> {
  const runner = await start(workload, name);
  counter.take();
  const { operations } = await runner.run();
  return counter.take() / operations;
}

// `pnpm bench:smoke` holds the same of time.
test.each(held)(
  '$workload: $of takes no more than so many times the steps of $to',
  async ({ workload: name, of, to, most = MOST, mostSteps = most }) => {
    const workload = workloads.find((one) => one.name === name);
    if (workload === undefined) throw new TypeError(`there is no workload ${name}`);
    const [own, other] = [await stepsOf(workload, of), await stepsOf(workload, to)];
    // Less would mean that loops are not looked into.
    expect(other).toBeGreaterThanOrEqual(1);
    expect(own / other).toBeLessThan(mostSteps);
  },
);
