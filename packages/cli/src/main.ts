#!/usr/bin/env node
import { complain, standardIo } from './io.js';
import { run } from './program.js';

const finish = ({ status, complaint }: Awaited<ReturnType<typeof run>>): void => {
  if (complaint !== undefined) complain(complaint);
  process.exitCode = status;
};

// Not awaited at the top level: the published bundle is CommonJS, which starts faster.
const argv = process.argv.slice(2);
if (argv[0] === 'run') void import('./commands/run.js').then(({ main }) => main(argv.slice(1), standardIo()));
else void run(argv, standardIo()).then(finish);
