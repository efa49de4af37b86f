/**
 * `npm run user-project FOLDER` makes a project on the packages, to keep and begin with; without a folder it makes one, compiles
 * it, tests it and removes it.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { keepUserProject, packAndCheckUserProject } from './make-project.js';
import { say } from './setup.mjs';
import { Transcript } from './transcript.js';

/** Prints on standard error as it comes. */
const transcript = new Transcript((text) => void process.stderr.write(text));

async function keep(folder: string): Promise<boolean> {
  // npm runs scripts in the repository, wherever it was called.
  const project = resolve(process.env['INIT_CWD'] ?? '.', folder);
  if (existsSync(project)) {
    say(`${project} exists already`);
    return false;
  }
  const isMade = await keepUserProject(transcript, project);
  if (isMade) say(`${project} is made; in it run: npm test, npm run typecheck`);
  return isMade;
}

const [folder] = process.argv.slice(2);
const isFine = await (folder === undefined ? packAndCheckUserProject(transcript) : keep(folder));
process.exitCode = isFine ? 0 : 1;
