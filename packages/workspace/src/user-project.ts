/**
 * `npm run user-project FOLDER` creates a project that depends on the packages, as a starting point. Without a folder it creates one,
 * compiles it, tests it and removes it.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { keepUserProject, packAndCheckUserProject } from './make-project.js';
import { say } from './setup.mjs';
import { Transcript } from './transcript.js';

/** Prints output on standard error as it arrives. */
const transcript = new Transcript((text) => void process.stderr.write(text));

async function keep(folder: string): Promise<boolean> {
  // npm runs scripts in the repository's folder; INIT_CWD is the folder in which it was called.
  const project = resolve(process.env['INIT_CWD'] ?? '.', folder);
  if (existsSync(project)) {
    say(`${project} exists already`);
    return false;
  }
  const isMade = await keepUserProject(transcript, project);
  if (isMade) say(`created ${project}; in it run: npm test, npm run typecheck`);
  return isMade;
}

const [folder] = process.argv.slice(2);
const isFine = await (folder === undefined ? packAndCheckUserProject(transcript) : keep(folder));
process.exitCode = isFine ? 0 : 1;
