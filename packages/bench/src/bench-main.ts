import { standardIo } from '@iommufd/cli';
import { runBench } from './bench-program.js';

const { stderr } = process;
const CLEAR = '\r\x1b[K';
const progress = {
  step: (text: string) => void (stderr.isTTY && stderr.write(`${CLEAR}${text}`)),
  line: (text: string) => void stderr.write(`${stderr.isTTY ? CLEAR : ''}${text}\n`),
};
const { status, complaint } = await runBench(process.argv.slice(2), { ...standardIo(), progress });
if (complaint !== undefined) stderr.write(`${stderr.isTTY ? CLEAR : ''}bench: ${complaint}\n`);
process.exitCode = status;
