import { smmuv3_pri_response } from '@iommufd/uapi';
import { GroupIndexes, IndexWaiter } from '../../hardware/group-indexes.js';

/** The response to a page request group. `failure` means that page requests are disabled for the device. */
export type PageAnswer = 'success' | 'invalid' | 'failure';

const ANSWERS: Readonly<Record<number, PageAnswer>> = {
  [smmuv3_pri_response.Success]: 'success',
  [smmuv3_pri_response.InvalidRequest]: 'invalid',
};

/** The outstanding page requests of a PCIe device. */
export class PageRequests {
  private readonly indexes = new GroupIndexes();
  private readonly waiting = new Map<number, IndexWaiter<PageAnswer>>();

  private isOver = false;

  /** Makes a request and waits for the response. @param send sends the request with a group index */
  async make(send: (index: number) => void): Promise<PageAnswer> {
    if (this.isOver) return 'failure';
    const index = this.indexes.take() ?? (await new Promise<number>((resolve) => this.indexes.wait(resolve)));
    const answer = new Promise<PageAnswer>((resolve) =>
      this.waiting.set(index, new IndexWaiter(index, resolve)),
    );
    send(index);
    try {
      return await answer;
    } finally {
      this.indexes.giveBack(index);
    }
  }

  /** Fails all outstanding and future requests: the device was removed. */
  end(): void {
    this.isOver = true;
    for (const index of [...this.waiting.keys()]) this.answer(index, smmuv3_pri_response.ResponseFailure);
  }

  /** @param response of `smmuv3_pri_response` */
  answer(index: number, response: number): void {
    const waiter = this.waiting.get(index);
    this.waiting.delete(index);
    if (waiter === undefined) return;
    if (waiter.answer !== undefined) waiter.answer(ANSWERS[response] ?? 'failure');
    else this.indexes.giveBack(index);
  }
}
