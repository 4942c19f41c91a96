// The messages of the chat that is open.

import type { Inputs } from './api';
import { CardView } from './card';
import { fill, h } from './dom';
import { examples, t } from './i18n';
import { state, type Known } from './state';
import { clockTime, dateTime, dayText } from './time';

const batch = 150;

interface Shown {
  rev: number;
  node: HTMLElement;
  card: CardView | null;
}

export function avatar(id: string, name: string): HTMLElement {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 997;
  const letter = id === 'bot' ? '协' : [...name].slice(-1).join('');
  return h('span', { class: `avatar ${id === 'bot' ? 'bot' : `c${hash % 8}`}`, 'aria-hidden': 'true' }, letter);
}

export class Stream {
  readonly node: HTMLElement;
  private readonly list: HTMLElement;
  private readonly more: HTMLButtonElement;
  private shown = new Map<string, Shown>();
  private showing = ''; // chat, person and language
  private limit = batch;

  constructor(
    private readonly press: (message: Known, action: string, inputs: Inputs) => Promise<void>,
    private readonly suggest: (text: string) => void,
  ) {
    this.list = h('div', { class: 'messages', id: 'messages', role: 'log', 'aria-live': 'polite', tabindex: '0' });
    this.more = h('button', { type: 'button', class: 'newest', hidden: true, onclick: () => this.toEnd() });
    this.list.addEventListener('scroll', () => {
      if (this.atEnd()) this.more.hidden = true;
    });
    this.node = h('div', { class: 'stream' }, this.list, this.more);
  }

  /** Brings the page to what is known; cards that did not change keep their node, and with it what is being typed. */
  draw(language: string): void {
    const showing = `${state.chat} ${state.person} ${language}`;
    const fresh = showing !== this.showing;
    if (fresh) {
      this.showing = showing;
      this.shown.clear();
      this.limit = batch;
      this.list.replaceChildren();
      this.more.hidden = true;
    }
    const stay = fresh || this.atEnd();
    const all = state.visible(state.chat);
    if (all.length === 0) {
      this.shown.clear();
      fill(this.list, this.empty());
      return;
    }
    const wanted: HTMLElement[] = [];
    if (all.length > this.limit) wanted.push(this.earlier());
    let day = '';
    let news = false;
    for (const message of all.slice(-this.limit)) {
      const today = dayText(Date.parse(message.created_at), state.offset);
      if (today !== day) wanted.push(h('div', { class: 'day' }, today));
      day = today;
      const before = this.shown.get(message.id);
      if (before && before.rev === message.rev) {
        wanted.push(before.node);
        continue;
      }
      if (!before) news = true;
      const made = this.message(message, before?.card ?? null);
      this.shown.set(message.id, made);
      wanted.push(made.node);
    }
    this.place(wanted);
    if (stay) this.toEnd();
    else if (news) {
      this.more.textContent = `↓ ${t('to_newest')}`;
      this.more.hidden = false;
    }
  }

  toEnd(): void {
    this.list.scrollTop = this.list.scrollHeight;
    this.more.hidden = true;
  }

  private atEnd(): boolean {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 80;
  }

  /** Moves only what is out of place, so that focus and selection stay. */
  private place(wanted: HTMLElement[]): void {
    const keep = new Set<Node>(wanted);
    for (const child of [...this.list.childNodes]) if (!keep.has(child)) child.remove();
    let at: ChildNode | null = this.list.firstChild;
    for (const node of wanted) {
      if (node === at) at = at.nextSibling;
      else this.list.insertBefore(node, at);
    }
  }

  private earlier(): HTMLElement {
    const show = (): void => {
      const height = this.list.scrollHeight;
      this.limit += batch;
      this.draw(this.showing.split(' ').pop() ?? '');
      this.list.scrollTop += this.list.scrollHeight - height;
    };
    return h('button', { type: 'button', class: 'button earlier', onclick: show }, t('earlier'));
  }

  private empty(): HTMLElement {
    const mine = state.world.people.find((person) => person.id === state.person)?.department;
    const other = state.world.departments.find((department) => department.id !== mine) ?? state.world.departments[0];
    return h(
      'div',
      { class: 'empty' },
      h('p', { class: 'big' }, t('empty')),
      h('p', {}, t('empty_hint')),
      h(
        'div',
        { class: 'examples', role: 'group', 'aria-label': t('examples') },
        ...examples(other?.name ?? '').map((text) => h('button', { type: 'button', class: 'example', onclick: () => this.suggest(text) }, text)),
      ),
    );
  }

  private message(message: Known, before: CardView | null): Shown {
    const own = message.from === state.person;
    const bot = message.from === 'bot';
    const name = bot ? t('bot') : (state.name(message.from) ?? t('left'));
    const department = bot ? '' : state.departmentOf(message.from);
    let card: CardView | null = null;
    if (message.card) {
      card = new CardView(message.card, message.id, (action, inputs) => this.press(message, action, inputs));
      if (before) card.keep(before);
    }
    const created = Date.parse(message.created_at);
    const updated = Date.parse(message.updated_at);
    const chat = state.chatNow();
    const node = h(
      'article',
      {
        class: `message${own ? ' own' : ''}${bot ? ' from-bot' : ''}${message.urgent ? ' urgent' : ''}`,
        'data-message': message.id,
        'data-request': message.request,
        'aria-label': name,
      },
      avatar(message.from, name),
      h(
        'div',
        { class: 'column' },
        h(
          'div',
          { class: 'meta' },
          h('b', {}, name),
          department !== '' && h('span', {}, department),
          h('time', { datetime: message.created_at, title: dateTime(created, state.offset) }, clockTime(created, state.offset)),
          updated > created && h('span', { class: 'updated' }, t('updated', { time: clockTime(updated, state.offset) })),
          message.urgent && h('span', { class: 'badge danger' }, t('urgent')),
          message.mentions.includes(state.person) && h('span', { class: 'badge' }, t('mentions_you')),
          message.to !== null && chat?.kind === 'group' && h('span', { class: 'badge' }, t('only_you')),
        ),
        card ? card.node : h('div', { class: 'bubble' }, ...marked(message.text, message.mentions)),
      ),
    );
    return { rev: message.rev, node, card };
  }
}

/** The text with its mentions set off; all of it as text. */
function marked(text: string, mentions: string[]): (Node | string)[] {
  const names = mentions.map((id) => state.name(id)).filter((name): name is string => name !== undefined);
  const parts: (Node | string)[] = [];
  let rest = text;
  while (rest !== '') {
    let at = -1;
    let found = '';
    for (const name of names) {
      const index = rest.indexOf(`@${name}`);
      if (index >= 0 && (at < 0 || index < at || (index === at && name.length > found.length))) {
        at = index;
        found = name;
      }
    }
    if (at < 0) break;
    if (at > 0) parts.push(rest.slice(0, at));
    parts.push(h('span', { class: 'mention' }, `@${found}`));
    rest = rest.slice(at + found.length + 1);
  }
  if (rest !== '') parts.push(rest);
  return parts;
}

