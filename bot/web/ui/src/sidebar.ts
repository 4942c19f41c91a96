// Who one is, and one's chats with what is unread in them.

import type { Chat } from './api';
import { fill, h } from './dom';
import { t } from './i18n';
import { state } from './state';
import { avatar } from './stream';

export class Sidebar {
  readonly node: HTMLElement;
  private readonly person: HTMLSelectElement;
  private readonly label: HTMLElement;
  private readonly list: HTMLElement;

  constructor(
    private readonly open: (chat: string) => void,
    be: (person: string) => void,
  ) {
    this.person = h('select', { id: 'person', onchange: () => be(this.person.value) });
    this.label = h('label', { for: 'person' });
    this.list = h('nav', { class: 'chats' });
    this.node = h('aside', { class: 'sidebar', id: 'sidebar' }, h('div', { class: 'who' }, this.label, this.person), this.list);
  }

  draw(): void {
    this.label.textContent = t('acting_as');
    this.list.setAttribute('aria-label', t('chats'));
    this.people();
    const chats = state.chats();
    const group = (title: string, some: Chat[]): (HTMLElement | false)[] => [
      some.length > 0 && h('h2', {}, title),
      ...some.map((chat) => this.chat(chat)),
    ];
    fill(
      this.list,
      ...group(
        t('groups'),
        chats.filter((chat) => chat.kind === 'group'),
      ),
      ...group(
        t('privates'),
        chats.filter((chat) => chat.kind === 'private'),
      ),
    );
  }

  private people(): void {
    // An open list must not close under the finger.
    if (document.activeElement === this.person && this.person.options.length === state.world.people.length) {
      for (const option of this.person.options) {
        const text = this.text(option.value);
        if (option.text !== text) option.text = text;
      }
      this.person.value = state.person;
      return;
    }
    const groups = state.world.departments
      .map((department) => {
        const people = state.world.people.filter((person) => person.department === department.id);
        return h('optgroup', { label: department.name }, ...people.map((one) => h('option', { value: one.id }, this.text(one.id))));
      })
      .filter((one) => one.children.length > 0);
    const others = state.world.people.filter((person) => !state.world.departments.some((one) => one.id === person.department));
    fill(this.person, ...groups, ...others.map((one) => h('option', { value: one.id }, this.text(one.id))));
    this.person.value = state.person;
  }

  private text(id: string): string {
    const person = state.world.people.find((one) => one.id === id);
    if (!person) return '';
    const calls = id === state.person ? 0 : state.calls(id);
    return `${person.name} · ${person.title}${calls > 0 ? ` （${t('unread_elsewhere', { n: calls })}）` : ''}`;
  }

  private chat(chat: Chat): HTMLElement {
    const unread = chat.id === state.chat ? 0 : state.unread(state.person, chat.id);
    const last = state.visible(chat.id).pop();
    const from = last ? (last.from === 'bot' ? t('bot') : (state.name(last.from) ?? '')) : '';
    const name = chat.kind === 'private' ? t('private_with') : chat.name;
    return h(
      'button',
      {
        type: 'button',
        class: 'chat',
        'data-chat': chat.id,
        'aria-current': chat.id === state.chat ? 'true' : null,
        onclick: () => this.open(chat.id),
      },
      avatar(chat.kind === 'private' ? 'bot' : chat.id, chat.name.slice(0, 1)),
      h(
        'span',
        { class: 'lines' },
        h('span', { class: 'name' }, name),
        h('span', { class: 'last' }, last ? `${from}：${last.card?.title ?? last.text}` : t('members', { n: chat.members.length })),
      ),
      unread > 0 && h('span', { class: 'unread', 'data-unread': unread }, unread > 99 ? '99+' : String(unread)),
    );
  }
}
