/**
 * `import` it first in a process that runs much code a few times: test files, tools that compile. V8 optimizes a function after some
 * thousand calls, in threads beside the program's. In such a process that takes more time than it saves, a sixth of all. The number is
 * the lowest of those measured that saves it; a process that runs for minutes gains nothing. Where V8 has no such flag, it prints a
 * warning and goes on.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--interrupt-budget=500000');
