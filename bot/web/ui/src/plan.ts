// The timeline: what will happen by itself if nobody acts.

import type { Planned } from './api';
import { fill, h } from './dom';
import { rung, t, word } from './i18n';
import { PreviewView } from './preview';
import { state } from './state';
import { dateTime, until } from './time';

/** The line that says something: the first one is the title of the message. */
function gist(text: string): string {
  const [first, second] = text.split('\n');
  return second ?? first ?? '';
}

export class PlanView {
  readonly node: HTMLElement;
  private readonly title: HTMLElement;
  private readonly shut: HTMLButtonElement;
  private readonly list: HTMLElement;
  private readonly preview = new PreviewView();

  constructor(
    private readonly go: (to: string) => void,
    close: () => void,
  ) {
    this.title = h('h2', { id: 'plan-title' });
    this.shut = h('button', { type: 'button', class: 'icon', id: 'plan-close', onclick: close }, '✕');
    this.list = h('ol', { class: 'timeline', id: 'plan-list' });
    this.node = h(
      'section',
      { class: 'plan', id: 'plan', 'aria-labelledby': 'plan-title' },
      h('div', { class: 'row' }, this.title, this.shut),
      this.list,
      this.preview.node,
    );
  }

  /** The language may have changed. */
  words(): void {
    this.preview.words();
  }

  draw(): void {
    this.title.textContent = t('plan');
    this.shut.setAttribute('aria-label', t('close'));
    if (state.plan.length === 0) {
      fill(this.list, h('li', { class: 'none' }, t('plan_empty')));
      return;
    }
    fill(this.list, h('li', { class: 'none' }, t('plan_intro')), ...state.plan.map((one) => this.entry(one)));
  }

  private entry(one: Planned): HTMLElement {
    const at = Date.parse(one.at);
    const people = one.to.map(({ role, person }) => `${state.name(person) ?? person}（${word('role_', role)}）`);
    return h(
      'li',
      { class: `planned by-${one.by}`, 'data-request': one.request, 'data-by': one.by },
      h('div', { class: 'when' }, h('time', { datetime: one.at }, dateTime(at, state.offset)), h('span', {}, until(at, state.now))),
      h(
        'div',
        { class: 'what' },
        h('b', {}, one.request),
        ` ${word('clock_', one.clock)} · ${rung(one.rung)} `,
        h('span', { class: `badge${one.by === 'urgent' ? ' danger' : ''}` }, word('by_', one.by)),
      ),
      h('div', { class: 'people' }, people.join('、')),
      h('details', {}, h('summary', {}, gist(one.text)), h('p', {}, one.text)),
      h('button', { type: 'button', class: 'button small', onclick: () => this.go(one.at) }, t('go_there')),
    );
  }
}
