/** The fake kernel of the SDK's tests, in the process that answers the program. The program sends requests for the hardware's actions. */

import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { type FakeKernel, MockDevice } from '@iommufd/fakekernel';
import koffi from 'koffi';
import { type Answer, fromWire, type Request, toWire } from './wire.testing.js';

/** Creates two connected, blocking sockets. */
function sockets(): [number, number] {
  const pair = Buffer.alloc(64);
  koffi.load(null).func('int socketpair(int, int, int, void *)')(1, 1, 0, pair);
  return [pair.readInt32LE(0), pair.readInt32LE(4)];
}

/** Serves a kernel. @returns the program's end of the socket, and a function that ends the service */
export function serveKernel(kernel: FakeKernel): { readonly fd: number; close(): void } {
  const [here, there] = sockets();
  const socket = new Socket({ fd: here });
  const objects: object[] = [kernel];
  const numbers = new Map<object, number>([[kernel, 0]]);
  const plugged = new Set<object>();
  const pending: (Answer | undefined)[] = [];
  const handleOf = (object: object): number | undefined => {
    if (Object.getPrototypeOf(object) === Object.prototype) return undefined;
    let number = numbers.get(object);
    if (number === undefined) numbers.set(object, (number = objects.push(object) - 1));
    return number;
  };
  const answerOf = (work: () => unknown): Answer => {
    try {
      const value = work();
      if (!(value instanceof Promise)) return { value: toWire(value, handleOf) };
      const later = pending.push(undefined) - 1;
      void value.then(
        (result) => (pending[later] = answerOf(() => result)),
        (error: unknown) =>
          (pending[later] = answerOf(() => {
            throw error;
          })),
      );
      return { later };
    } catch (error) {
      const { name, message, ...fields } = error as Error;
      return { error: { name, message, fields: toWire(fields, handleOf) } };
    }
  };
  /** Resets the kernel: removes all devices. */
  const reset = (): void => {
    for (const object of objects)
      if (object instanceof MockDevice && plugged.delete(object)) kernel.unplug(object);
  };
  const perform = ({ what, on, path = [], args = [] }: Request): Answer => {
    if (what === 'done') return pending[Number(on)] ?? { later: Number(on) };
    if (what === 'reset') return answerOf(() => reset());
    const given = fromWire(args, (handle) => objects[handle ?? -1]) as unknown[];
    if (what === 'make') return answerOf(() => new MockDevice(...(given as [])));
    return answerOf(() => {
      let [owner, value]: unknown[] = [undefined, objects[Number(on)]];
      for (const name of path) [owner, value] = [value, Reflect.get(value as object, name)];
      if (what === 'get') return value;
      const result: unknown = Reflect.apply(value as () => unknown, owner, given);
      for (const device of given as object[]) if (path.at(-1) === 'plug') plugged.add(device);
      for (const device of given as object[]) if (path.at(-1) === 'unplug') plugged.delete(device);
      return result;
    });
  };
  let text = '';
  socket.setEncoding('utf8').on('data', (more: string) => {
    const lines = (text + more).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) socket.write(`${JSON.stringify(perform(JSON.parse(line) as Request))}\n`);
  });
  socket.on('error', () => undefined);
  const close = (): void => {
    socket.destroy();
    closeSync(there);
  };
  return { fd: there, close };
}
