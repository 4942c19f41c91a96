// The clock that can be turned.

import { api, type Turned } from './api';
import { toast, toastError } from './dialogs';
import { h } from './dom';
import { t, type Key } from './i18n';
import { state } from './state';
import { dateTime, nextMorning } from './time';

type Turn = { advance: string } | { to: string };

export class ClockBar {
  readonly node: HTMLElement;
  private readonly time: HTMLElement;
  private readonly dot: HTMLElement;
  private readonly buttons: { key: Key; node: HTMLButtonElement }[] = [];
  private turning = false;

  constructor(private readonly turned: () => Promise<void>) {
    this.time = h('time', { id: 'now', role: 'timer' });
    this.dot = h('span', { class: 'dot' });
    this.node = h(
      'div',
      { class: 'clock', role: 'group' },
      h('span', { class: 'now' }, this.dot, this.time),
      this.button('clock-hour', 'hour', () => ({ advance: 'PT1H' })),
      this.button('clock-day', 'day', () => ({ advance: 'P1D' })),
      this.button('clock-next', 'next', () => ({ to: 'next' })),
      this.button('clock-morning', 'morning', () => ({ to: nextMorning(state.now, state.offset) })),
    );
    this.words();
    setInterval(() => this.tick(), 1000);
  }

  words(): void {
    this.node.setAttribute('aria-label', t('clock'));
    this.dot.title = t('running');
    for (const { key, node } of this.buttons) node.textContent = t(key);
    this.tick();
  }

  tick(): void {
    const text = dateTime(state.now, state.offset);
    if (this.time.textContent !== text) this.time.textContent = text;
  }

  async turn(turn: Turn): Promise<void> {
    if (this.turning) return;
    this.turning = true;
    for (const { node } of this.buttons) node.disabled = true;
    try {
      const done = await api.clock(turn);
      state.setNow(done.now);
      this.tell(done, 'to' in turn && turn.to === 'next' && done.next === null && done.wakes === 0 && done.sends === 0);
      await this.turned();
    } catch (error) {
      toastError(error);
    } finally {
      this.turning = false;
      for (const { node } of this.buttons) node.disabled = false;
      this.tick();
    }
  }

  private tell(done: Turned, nothing: boolean): void {
    const time = dateTime(Date.parse(done.now), state.offset);
    if (nothing) toast('info', t('nothing_next'));
    else toast('info', done.sends > 0 ? t('turned', { time, n: done.sends }) : t('turned_none', { time }));
  }

  private button(id: string, key: Key, turn: () => Turn): HTMLButtonElement {
    const node = h('button', { type: 'button', class: 'button small', id, onclick: () => void this.turn(turn()) });
    this.buttons.push({ key, node });
    return node;
  }
}
