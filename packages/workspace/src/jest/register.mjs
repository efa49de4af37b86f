/** What a process that runs test files imports first: `hooks.mjs` gives it TypeScript and `@jest/globals`. */
import { register } from 'node:module';

register('./hooks.mjs', import.meta.url);
