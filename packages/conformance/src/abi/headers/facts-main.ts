import { systemCompiler } from './compiler.js';
import { runAbiFacts, standardAbiFactsIo } from './program.js';

const io = standardAbiFactsIo((text) => void process.stdout.write(text), systemCompiler);
const { status, complaint } = runAbiFacts(process.argv.slice(2), io);
if (complaint !== undefined) process.stderr.write(`abi:facts: ${complaint}\n`);
process.exitCode = status;
