import { afterAll, expect, test } from '@jest/globals';
import { StepCounter } from '@iommufd/testkit';
import { isCannot } from './contestant.js';
import { contestants } from './contestants/index.js';
import { held, MOST } from './held.js';
import type { Input, Runner, Work } from './work.js';
import { works } from './works/index.js';

const inputs = new Map<() => Input, Input>();

/** What works are given. Several are given the same, which takes long to make. */
function inputOf(make: () => Input): Input {
  if (!inputs.has(make)) inputs.set(make, make());
  return inputs.get(make);
}

async function start(work: Work, name: string): Promise<Runner> {
  if (work.kind === 'cases') {
    const runner = await work.cases.find((one) => one.name === name)?.start();
    if (runner === undefined || isCannot(runner)) throw new TypeError(`${work.name} has no ${name}`);
    return runner;
  }
  const contestant = contestants.find((one) => one.name === name && work.takesPart(one) === true);
  if (contestant === undefined) throw new TypeError(`${work.name} has no ${name}`);
  return work.start(contestant, inputOf(work.input));
}

const counter = new StepCounter();
afterAll(() => counter.stop());

/** Steps that an operation takes. */
async function stepsOf(work: Work, name: string): Promise<number> {
  const runner = await start(work, name);
  counter.take();
  const { operations } = await runner.run();
  return counter.take() / operations;
}

// `pnpm bench:smoke` holds the same of time.
test.each(held)(`$work: $of takes at most ${MOST} times the steps of $to`, async ({ work: name, of, to }) => {
  const work = works.find((one) => one.name === name);
  if (work === undefined) throw new TypeError(`there is no work ${name}`);
  const [own, other] = [await stepsOf(work, of), await stepsOf(work, to)];
  // Less would mean that loops are not looked into.
  expect(other).toBeGreaterThanOrEqual(1);
  expect(own / other).toBeLessThan(MOST);
});
