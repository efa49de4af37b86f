/** Runs the scenarios on the kernel of this machine, or under `iommufd run`, and prints what they saw as a line of JSON. */
import { LinuxSyscalls } from '@iommufd/native';
import { runScenarios } from './scenarios.testing.js';

console.log(JSON.stringify(await runScenarios(() => new LinuxSyscalls())));
