/** The first import of a process that runs test files: registers `hooks.mjs`, for TypeScript and `@jest/globals`. */
import '../tier-up.mjs';
import { register } from 'node:module';

register('./hooks.mjs', import.meta.url);
