/** Programs whose tapes are compared. Their calls cover the cases of the recorders. */

/** Pointers in unions, duplicated files, shared memory, and queues, one of which is read by `readv()`. */
export const POINTERS = `const fd = iommu();
       const { file, idev, queue } = eventQueue(fd, 2);
       const buffer = Buffer.alloc(4096);
       const seen = [];
       for (let i = 0; i < 4; i++) triggerEvent(fd, idev);
       seen.push(c.read(file, buffer, 12), vectored(c.readv, file, buffer, [12, 12]), c.read(file, buffer, 256));
       const copy = c.dup(fd);
       const other = c.dup2(fd, 700);
       c.close(fd);
       const ioas = ioasAlloc(copy);
       const { hwpt } = mockDomain(other, ioas);
       const places = [memory(1 << 16), memory(1 << 16, MAP_SHARED)];
       const memfd = c.memfd('guest', 0);
       c.ftruncate(memfd, 1 << 16);
       places.push(c.mmap(0, 1 << 16, PROT, MAP_SHARED, memfd, 0));
       places.forEach((place, i) => at(place, 4096).write('memory ' + i, 100));
       seen.push(...places.map((place, i) => ioasMap(copy, ioas, place, 1 << 16, (i + 1) << 24)));
       seen.push(ioasMapFile(copy, ioas, memfd, 4096, 8192, 4 << 24));
       seen.push(...places.map((place, i) => checkMap(copy, hwpt, (i + 1) << 24, 1 << 16, place)));
       const access = testCmd(copy, 5, ioas, 0n).bytes.readUInt32LE(16);
       places.forEach((place, i) => at(place, 4096).write('MEMORY ' + i, 100));
       for (const i of [1, 2, 3]) {
         testCmd(copy, 8, access, (i << 24) + 100, 8, addressOf(buffer), 0);
         seen.push(buffer.toString('latin1', 0, 8));
       }
       buffer.write('written');
       seen.push(testCmd(copy, 8, access, (3 << 24) + 4096, 8, addressOf(buffer), 1).result);
       testCmd(copy, 8, access, 4 << 24, 8, addressOf(buffer), 0);
       seen.push(buffer.toString('latin1', 0, 7), at(places[2] + 4096, 7).toString());
       c.close(access);
       c.close(file);
       seen.push(destroy(copy, queue), destroy(copy, 77), c.close(copy));
       report(seen);`;

/** Children, and files that they inherit, receive in messages, and keep. It meets the test twice, in any order. */
export const CHILDREN = `const fd = iommu();
       const ioas = ioasAlloc(fd);
       const [here, there] = sockets();
       const statuses = [
         inChild(() => { const place = memory(8192); return ioasMap(fd, ioas, place, 8192, 1 << 24) + (ioasAlloc(iommu()) === 1 ? 0 : 1); }),
         inChild(() => { const own = iommu(); ioasAlloc(own); ioasAlloc(own); return sendFd(here, own) === 1 ? 0 : 1; }),
       ];
       const received = receiveFd(there);
       const waiting = fork();
       if (waiting === 0) { meet('child'); c.exit(ioasAlloc(fd) === 2 ? 5 : 6); }
       c.close(fd);
       const early = ioasAlloc(received);
       meet('closed');
       statuses.push(statusOf(waiting));
       report({ statuses, early, late: ioasAlloc(received), gone: c.ioctl(fd, 0x3b81, struct(12, 0, 0)) });`;

/** Pages that are unmapped, replaced, dropped and protected while they are mapped for devices. */
export const LOST_PAGES = `const fd = iommu();
       const ioas = ioasAlloc(fd);
       const { hwpt } = mockDomain(fd, ioas);
       const place = memory(6 * 4096);
       const page = (index) => (1 << 24) + index * 4096;
       ioasMap(fd, ioas, place, 6 * 4096, page(0));
       at(place, 6 * 4096).write('before', 3 * 4096);
       c.munmap(place, 4096);
       c.mmap(place + 4096, 4096, PROT, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
       c.madvise(place + 2 * 4096, 4096, 4);
       c.mprotect(place + 3 * 4096, 4096, 1);
       const again = c.mmap(place, 4096, PROT, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
       const own = [0, 1, 2, 3, 4].map((i) => checkMap(fd, hwpt, page(i), 4096, place + i * 4096));
       own.push(ioasMap(fd, ioas, place + 3 * 4096, 4096, page(16)), ioasMap(fd, ioas, place + (1 << 30), 4096, page(32)));
       const access = testCmd(fd, 5, ioas, 0n).bytes.readUInt32LE(16);
       const buffer = Buffer.alloc(4096);
       testCmd(fd, 8, access, page(3), 6, addressOf(buffer), 0);
       report([...own, buffer.toString('latin1', 0, 6)]);`;

/** Pages that stay mapped for devices, because a call fails or drops others. */
export const KEPT_PAGES = `const fd = iommu();
       const ioas = ioasAlloc(fd);
       const { hwpt } = mockDomain(fd, ioas);
       const place = memory(8 * 4096);
       const page = (index) => (1 << 24) + index * 4096;
       ioasMap(fd, ioas, place, 8 * 4096, page(0));
       const failed = [
         c.munmap(place + 1, 4096),
         c.munmap(place, 0),
         c.madvise(place + 1, 4096, 4),
         c.madvise(place, 4096, 9),
         c.mremap(place + 1, 4096, 4096, 1),
         c.mremap(place, 4096, 8192, 0),
         c.mremap(65536, 4096, 4096, 3, place),
         c.mmap(place + 1, 4096, PROT, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
         c.mmap(place, 4096, PROT, MAP_PRIVATE | MAP_FIXED, 511, 0),
         c.mlock(place + 4096, 4096),
         c.madvise(place + 4096, 4096, 4),
         c.madvise(place + 5 * 4096, 8192, 4) + c.madvise(place + 5 * 4096, 4096, 8),
         c.mremap(place, 8 * 4096, 6 * 4096, 1) - place,
       ];
       const kept = [0, 1, 2, 3, 4, 5].map((i) => checkMap(fd, hwpt, page(i), 4096, place + i * 4096));
       report([failed, kept]);`;

/** Pages of a memfd that are mapped for devices and removed from the file. Devices go on with what they contain. */
export const HOLES = `const fd = iommu();
       const ioas = ioasAlloc(fd);
       const { hwpt } = mockDomain(fd, ioas);
       const memfd = c.memfd('guest', 0);
       c.ftruncate(memfd, 3 * 4096);
       const place = c.mmap(0, 3 * 4096, PROT, MAP_SHARED, memfd, 0);
       const page = (index) => (1 << 24) + index * 4096;
       for (const i of [0, 1, 2]) at(place + i * 4096, 4096).fill('abc'[i]);
       ioasMap(fd, ioas, place, 3 * 4096, page(0));
       const removed = [c.madvise(place, 4096, 9), c.fallocate(memfd, 3, 4096, 4096), c.ftruncate(memfd, 8192)];
       c.ftruncate(memfd, 3 * 4096);
       const shown = [0, 1, 2].map((i) => checkMap(fd, hwpt, page(i), 4096, place + i * 4096));
       const access = testCmd(fd, 5, ioas, 0n).bytes.readUInt32LE(16);
       const buffer = Buffer.alloc(4096);
       // With MOCK_ACCESS_RW_SLOW_PATH an access to several pages reads the pinned ones, and not those of the program.
       const read = () => [1, 2].map((i) => {
         testCmd(fd, 8, access, page(i) - 1, 2, addressOf(buffer), 4);
         return buffer.toString('latin1', 0, 2);
       });
       const seen = read();
       at(place, 3 * 4096).fill('x');
       report([...removed, ...shown, ...seen, ...read()]);`;

/**
 * Random changes of a memfd, whose pages are mapped for devices.
 * @param readsPinned true for sizes and holes that are not whole pages, and for reads of the pages that devices have
 */
export const changes = (seed: number, readsPinned: boolean): string => `let state = ${seed};
       // mulberry32
       const next = (count) => {
         state = (state + 0x6d2b79f5) | 0;
         let t = Math.imul(state ^ (state >>> 15), state | 1);
         t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
         return ((t ^ (t >>> 14)) >>> 0) % count;
       };
       const fd = iommu();
       const ioas = ioasAlloc(fd);
       const { hwpt } = mockDomain(fd, ioas);
       const access = testCmd(fd, 5, ioas, 0n).bytes.readUInt32LE(16);
       const buffer = Buffer.alloc(4096);
       const PAGES = 4;
       const odd = (most) => ${readsPinned ? 'next(most)' : '0'};
       const memfd = c.memfd('guest', 0);
       let size = PAGES * 4096;
       c.ftruncate(memfd, size);
       const map = (at) => c.mmap(at, PAGES * 4096, PROT, MAP_SHARED | (at === 0 ? 0 : MAP_FIXED), memfd, 0);
       const places = [map(0), map(0)];
       const [done, mapped] = [[], []];
       let iova = 1 << 24;
       for (let i = 0; i < 80; i++) {
         const page = next(PAGES);
         const place = places[next(2)] + page * 4096;
         iova += 1 << 16;
         switch (next(9)) {
           case 0:
             size = page * 4096 + odd(4096);
             done.push(c.ftruncate(memfd, size));
             break;
           case 1:
             done.push(c.fallocate(memfd, 3, page * 4096 + odd(100), 4096 * (1 + next(2)) + odd(100)));
             break;
           case 2:
             done.push(c.madvise(place, 4096, 9));
             break;
           case 3:
             size = Math.max(size, (page + 1) * 4096);
             done.push(c.fallocate(memfd, 0, 0, (page + 1) * 4096));
             break;
           case 4:
             if ((page + 1) * 4096 <= size) at(place, 4096).fill(1 + next(250));
             break;
           case 5: {
             const result = ioasMap(fd, ioas, place - (page % 2) * 4096, 8192, iova);
             done.push(result);
             if (result === 0) mapped.push([iova, place - (page % 2) * 4096]);
             break;
           }
           case 6:
             done.push(ioasMapFile(fd, ioas, memfd, page * 4096, 4096, iova));
             break;
           case 7: {
             const [where, there] = mapped[next(Math.max(1, mapped.length))] ?? [];
             if (where === undefined) break;
             done.push(checkMap(fd, hwpt, where, 8192, there));
             if (!${readsPinned}) break;
             // MOCK_ACCESS_RW_SLOW_PATH, across two pages.
             testCmd(fd, 8, access, where + 4095, 2, addressOf(buffer), 4);
             done.push(buffer.toString('hex', 0, 2));
             break;
           }
           case 8:
             map(place - page * 4096);
         }
       }
       report(done.length > 20);`;

/** A page of the kernel that the program maps. */
export const KERNEL_PAGE = `const fd = iommu();
     const ioas = ioasAlloc(fd);
     const { idev } = mockDomain(fd, ioas);
     const parent = call(fd, 0x89, 48, 1, idev, ioas, 0, 0, 0, 0, 0n, 0, 0).bytes.readUInt32LE(16);
     const data = struct(0x1234, 0, 0n, 0n);
     const viommu = call(fd, 0x90, 40, 0, 0xdeadbeef, idev, parent, 0, 24, 0, addressOf(data)).bytes.readUInt32LE(20);
     const [offset, length] = [Number(data.readBigUInt64LE(8)), Number(data.readBigUInt64LE(16))];
     const wrong = c.mmap(0, length, 7, 1, fd, offset);
     const place = c.mmap(0, length, 3, 1, fd, offset);
     const seen = [at(place, 4).readUInt32LE(0), destroy(fd, viommu), ioasMap(fd, ioas, place, 4096, 1 << 24)];
     c.munmap(place, length);
     c.mmap(place, 4096, PROT, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
     at(place, 4096).write('replaced');
     const other = ioasMap(fd, ioas, place, 4096, 1 << 24);
     report([Number(wrong), ...seen, destroy(fd, viommu), other]);`;

/** An exec of another program. */
export const OTHER_PROGRAM = `const fd = iommu();
     c.fcntl(fd, 2, 0);
     const ioas = ioasAlloc(fd);
     const status = inChild(() => {
       const place = memory(8192);
       if (ioasMap(fd, ioas, place, 8192, 1 << 24) !== 0) return 1;
       return execute('/bin/true');
     });
     report([status, ioasUnmap(fd, ioas, 1 << 24, 8192), ioasAlloc(fd)]);`;

/** Eventfds that are closed and replaced, as by a VMM, duplicates of one, and one that is already signalled when it is set. */
export const EVENTFDS = `const device = c.open('/dev/vfio/devices/vfio0', O_RDWR, 0);
     bind(device, iommu());
     const bytes = Buffer.alloc(4096);
     bytes.writeUInt16LE(6, 0);
     c.pwrite(device, bytes, 2, 7 * 2 ** 40 + 4);
     const [NONE, EVENTFD, MASK, UNMASK, TRIGGER] = [1, 4, 8, 0x10, 0x20];
     const set = (action, ...fds) => call(device, 110, 20 + 4 * fds.length, EVENTFD | action, 0, 0, fds.length, ...fds).result;
     const setNone = (action, count) => call(device, 110, 20, NONE | action, 0, 0, count).result;
     const done = [set(TRIGGER, c.eventfd(0, 0))];
     const useKvm = () => {
       const resample = c.eventfd(0, 0);
       done.push(setNone(MASK, 1), set(UNMASK, resample), setNone(UNMASK, 1));
       return resample;
     };
     const leaveKvm = (resample) => {
       done.push(setNone(MASK, 1));
       c.close(resample);
       done.push(setNone(UNMASK, 1));
     };
     for (let i = 0; i < 2; i++) leaveKvm(useKvm());
     // Closed and replaced between two calls.
     const first = c.eventfd(0, 0);
     const replaced = [set(UNMASK, first)];
     const copy = c.dup(first);
     c.close(first);
     replaced.push(set(UNMASK, c.eventfd(0, 0)));
     c.close(copy);
     replaced.push(set(UNMASK, c.eventfd(0, 0)));
     // Register 4 of the device reads as the inverse of what was written.
     const signalled = c.eventfd(3, 1);
     const tied = call(device, 116, 32, 4, 4n, 0x11223344n, signalled, 0).result;
     c.pread(device, bytes, 4, 4);
     report({ done: [...new Set(done)], replaced, tied, register: bytes.readUInt32LE(0) });`;

/** Its result. */
export const EVENTFDS_RESULT = { done: [0], replaced: [0, -16, 0], tied: 0, register: ~0x11223344 >>> 0 };
