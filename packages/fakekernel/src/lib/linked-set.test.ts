import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Linked, LinkedSet } from './linked-set.js';

class Member implements Linked<Member> {
  previous: Member | undefined;
  next: Member | undefined;
}

test('a linked set has the same members as a Set, in the same order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat())), (steps) => {
      const linked = new LinkedSet<Member>();
      const model = new Set<Member>();
      for (const [add, nth] of steps) {
        const known = [...model][nth % (model.size || 1)];
        const member = add || known === undefined ? new Member() : known;
        if (model.has(member)) {
          model.delete(member);
          linked.delete(member);
        } else {
          model.add(member);
          linked.add(member);
        }
        const members = [...linked];
        expect([linked.size, members.length]).toEqual([model.size, model.size]);
        expect([...model].every((each, i) => each === members[i])).toBe(true);
      }
    }),
  );
});
