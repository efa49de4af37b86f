/** What a process that runs test files imports first: Node gets TypeScript from tsx, and `@jest/globals` from `globals.mjs`. */
import { register } from 'node:module';
import { register as registerTypeScript } from 'tsx/esm/api';

registerTypeScript();
register('./hooks.mjs', import.meta.url);
