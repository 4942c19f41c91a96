// Where one types: a growing text box, commands after "/", people after "@".

import { fill, h } from './dom';
import { commands, t } from './i18n';
import { state } from './state';

interface Hint {
  text: string; // shown
  note: string;
  apply: () => void;
}

export class Composer {
  readonly node: HTMLElement;
  private readonly text: HTMLTextAreaElement;
  private readonly button: HTMLButtonElement;
  private readonly list: HTMLElement;
  private hints: Hint[] = [];
  private at = 0;
  private sending = false;

  constructor(private readonly send: (text: string) => Promise<boolean>) {
    this.text = h('textarea', {
      id: 'text',
      rows: 1,
      enterkeyhint: 'send',
      autocomplete: 'off',
      'aria-autocomplete': 'list',
      'aria-controls': 'hints',
      'aria-expanded': 'false',
      role: 'combobox',
      oninput: () => this.changed(),
      onkeydown: (event: KeyboardEvent) => this.key(event),
      onclick: () => this.suggest(),
      onblur: () => this.close(),
    });
    this.button = h('button', { id: 'send', type: 'submit', class: 'button primary' });
    this.list = h('ul', { id: 'hints', class: 'hints', role: 'listbox', hidden: true });
    this.node = h(
      'form',
      {
        class: 'composer',
        onsubmit: (event: Event) => {
          event.preventDefault();
          void this.submit();
        },
      },
      this.list,
      this.text,
      this.button,
    );
    this.words();
  }

  /** After a change of chat or language. */
  words(): void {
    this.text.placeholder = t(state.chatNow()?.kind === 'private' ? 'placeholder_private' : 'placeholder_group');
    this.text.setAttribute('aria-label', t('text_label'));
    this.list.setAttribute('aria-label', t('commands'));
    this.button.textContent = t('send');
    this.close();
  }

  put(text: string): void {
    this.text.value = text;
    this.text.focus();
    this.text.setSelectionRange(text.length, text.length);
    this.grow();
    this.close();
  }

  private grow(): void {
    this.text.style.height = 'auto';
    this.text.style.height = `${Math.min(this.text.scrollHeight + 2, 160)}px`;
  }

  private changed(): void {
    this.grow();
    this.suggest();
  }

  private async submit(): Promise<void> {
    const text = this.text.value.trim();
    if (text === '' || this.sending) return;
    this.sending = true;
    this.button.disabled = true;
    this.close();
    try {
      // Kept in the box when it could not be sent.
      if (await this.send(text)) {
        this.text.value = '';
        this.grow();
      }
    } finally {
      this.sending = false;
      this.button.disabled = false;
    }
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (this.hints.length > 0) {
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
      if (step !== 0) {
        event.preventDefault();
        this.at = (this.at + step + this.hints.length) % this.hints.length;
        this.drawHints();
        return;
      }
      const exact = this.hints.some((hint) => hint.text === this.text.value.trim());
      if (event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey && !exact)) {
        event.preventDefault();
        this.hints[this.at]?.apply();
        return;
      }
      if (event.key === 'Escape') {
        event.preventDefault();
        this.close();
        return;
      }
    }
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void this.submit();
    }
  }

  private suggest(): void {
    const before = this.text.value.slice(0, this.text.selectionStart);
    const command = /^[/／](\S*)$/.exec(before);
    const mention = /@([^\s@]*)$/.exec(before);
    if (command) {
      const typed = (command[1] ?? '').toLowerCase();
      this.hints = commands()
        .filter((one) => one.command.slice(1).startsWith(typed))
        .map((one) => ({ text: one.command, note: one.hint, apply: () => this.insert(before.length, `${one.command} `) }));
    } else if (mention) {
      const typed = mention[1] ?? '';
      const members = state.chatNow()?.members ?? [];
      this.hints = state.world.people
        .filter((one) => one.id !== state.person && one.name.includes(typed) && one.name !== typed)
        .sort((a, b) => Number(members.includes(b.id)) - Number(members.includes(a.id)))
        .slice(0, 30)
        .map((one) => ({ text: `@${one.name}`, note: one.title, apply: () => this.insert(typed.length + 1, `@${one.name} `) }));
    } else {
      this.hints = [];
    }
    this.at = 0;
    this.drawHints();
  }

  /** Puts `text` in place of the last `count` characters before the cursor. */
  private insert(count: number, text: string): void {
    const end = this.text.selectionStart;
    const value = this.text.value;
    this.text.value = value.slice(0, end - count) + text + value.slice(end);
    const cursor = end - count + text.length;
    this.text.focus();
    this.text.setSelectionRange(cursor, cursor);
    this.grow();
    this.close();
  }

  private close(): void {
    this.hints = [];
    this.drawHints();
  }

  private drawHints(): void {
    this.list.hidden = this.hints.length === 0;
    this.text.setAttribute('aria-expanded', String(this.hints.length > 0));
    fill(
      this.list,
      ...this.hints.map((hint, index) =>
        h(
          'li',
          {
            id: `hint-${index}`,
            role: 'option',
            'aria-selected': String(index === this.at),
            // The box must not lose the focus, or the list would be gone before the click.
            onpointerdown: (event: Event) => event.preventDefault(),
            onclick: () => hint.apply(),
          },
          h('b', {}, hint.text),
          h('span', {}, hint.note),
        ),
      ),
    );
    if (this.hints.length > 0) {
      this.text.setAttribute('aria-activedescendant', `hint-${this.at}`);
      this.list.children[this.at]?.scrollIntoView({ block: 'nearest' });
    } else {
      this.text.removeAttribute('aria-activedescendant');
    }
  }
}
