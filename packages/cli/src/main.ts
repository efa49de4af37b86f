#!/usr/bin/env node
import { standardIo } from './io.js';
import { run } from './program.js';

const { status, complaint } = run(process.argv.slice(2), standardIo());
if (complaint !== undefined) process.stderr.write(`iommufd: ${complaint}\n`);
process.exitCode = status;
