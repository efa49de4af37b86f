/** The first import of a process that runs test files: registers `hooks.mjs`, for TypeScript and `@jest/globals`. */
import { register } from 'node:module';

register('./hooks.mjs', import.meta.url);
