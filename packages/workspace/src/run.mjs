/**
 * Installs the dependencies, then runs a program of this folder: `node packages/workspace/src/run.mjs NAME ARGUMENTS...`.
 * The scripts of the repository's package.json use it. Like `setup.mjs`, it must work before anything is installed.
 */
import { run, setUp, source } from './setup.mjs';

const [name = '', ...args] = process.argv.slice(2);
setUp();
process.exitCode = run(source(`packages/workspace/src/${name}.ts`, args));
