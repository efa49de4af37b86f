#!/usr/bin/env node
import { standardIo } from './io.js';
import { run } from './program.js';

// A reader that has seen enough closes the pipe; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const { status, complaint } = run(process.argv.slice(2), standardIo);
if (complaint !== undefined) process.stderr.write(`iommufd: ${complaint}\n`);
process.exitCode = status;
