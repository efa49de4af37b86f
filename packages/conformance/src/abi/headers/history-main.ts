import { writeHistory } from './history.js';

process.stdout.write(writeHistory(process.argv.slice(2)));
