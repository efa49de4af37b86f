import { abi } from './abi.js';

const [option, ...others] = process.argv.slice(2);
if (option !== '--json' || others.length > 0) {
  process.stderr.write('abi: usage: abi --json\n');
  process.exitCode = 2;
} else {
  process.stdout.write(`${JSON.stringify(abi())}\n`);
}
