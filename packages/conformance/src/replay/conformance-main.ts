import { standardIo } from '@iommufd/cli';
import { runConformance } from './conformance-program.js';

const { stderr } = process;
const progress = stderr.isTTY ? (line: string) => void stderr.write(`\r${line}\x1b[K`) : undefined;
const { status, complaint } = await runConformance(process.argv.slice(2), { ...standardIo(), progress });
if (complaint !== undefined) stderr.write(`conformance: ${complaint}\n`);
process.exitCode = status;
