import { describe, expect, test } from '@jest/globals';
import { type Id, Program } from './program.testing.js';

describe('Numbers', () => {
  test('of fds are the lowest free ones, and 0 to 2 are taken', () => {
    const program = new Program();
    expect([program.iommufd, program.dev.fd]).toEqual([3, 4]);
    program.close(program.iommufd);
    expect(program.process.open('/dev/iommu')).toBe(3);
  });

  test('of objects are the lowest free ones from 1 on', () => {
    const program = new Program();
    expect([program.dev.id, program.ioas, program.parent()]).toEqual([1, 2, 3]);
    program.destroy(2);
    program.destroy(3);
    const ids: Id[] = [program.newIoas(), program.newIoas()];
    expect(ids).toEqual([3, 4]);
  });
});
