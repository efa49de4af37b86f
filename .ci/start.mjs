import { runSource, setUp } from './setup.mjs';

setUp();
process.exitCode = runSource('packages/conformance/src/start.ts', process.argv.slice(2));
