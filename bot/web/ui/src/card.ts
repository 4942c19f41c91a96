// A card of the bot: tone bar, fields, inputs, buttons.

import type { Button, Card, Input, Inputs } from './api';
import { ask, toast } from './dialogs';
import { chartOf, tableOf } from './figures';
import { h } from './dom';
import { t } from './i18n';
import { state } from './state';

type Press = (action: string, inputs: Inputs) => Promise<void>;

interface Field {
  node: HTMLElement;
  read: () => string[];
  write: (values: string[]) => void;
}

function valuesOf(input: Input): string[] {
  if (input.value === null) return [];
  return Array.isArray(input.value) ? input.value : [input.value];
}

function option(value: string, label: string): HTMLOptionElement {
  return h('option', { value }, label);
}

/** The choices of an input: its own, or everybody, or every department. */
function choices(input: Input): (HTMLOptionElement | HTMLOptGroupElement)[] {
  const people = input.people ?? [];
  if (input.options.length > 0) {
    return [
      ...input.options.map((one) => option(one.value, one.label)),
      ...(people.length > 0 ? [h('optgroup', { label: input.people_label ?? '' }, ...people.map((one) => option(one.value, one.label)))] : []),
    ];
  }
  if (input.kind === 'department') return state.world.departments.map((one) => option(one.id, one.name));
  if (input.kind !== 'person') return [];
  return state.world.departments
    .map((department) => {
      const people = state.world.people.filter((person) => person.department === department.id);
      return h('optgroup', { label: department.name }, ...people.map((one) => option(one.id, `${one.name} · ${one.title}`)));
    })
    .filter((group) => group.children.length > 0);
}

function select(id: string, input: Input): Field {
  const node = h('select', { id, name: input.id, required: input.required }, option('', t('choose')), ...choices(input));
  return {
    node,
    read: () => (node.value === '' ? [] : [node.value]),
    write: (values) => {
      node.value = values[0] ?? '';
      if (node.selectedIndex < 0) node.value = '';
    },
  };
}

function several(id: string, input: Input): Field {
  const boxes = input.options.map((one) => h('input', { type: 'checkbox', name: input.id, value: one.value }));
  const node = h(
    'div',
    { id, class: 'several', role: 'group', 'aria-label': input.label },
    ...input.options.map((one, index) => h('label', { class: 'check' }, boxes[index], one.label)),
  );
  return {
    node,
    read: () => boxes.filter((box) => box.checked).map((box) => box.value),
    write: (values) => boxes.forEach((box) => (box.checked = values.includes(box.value))),
  };
}

/** Typed as people say it, or picked; the bot reads both. */
function datetime(id: string, input: Input): Field {
  const text = h('input', { id, name: input.id, type: 'text', required: input.required, placeholder: t('time_hint'), autocomplete: 'off' });
  const picker = h('input', { type: 'datetime-local', class: 'picker', 'aria-label': `${input.label}: ${t('pick_time')}` });
  picker.addEventListener('change', () => {
    if (picker.value !== '') text.value = picker.value.replace('T', ' ').slice(0, 16);
  });
  return {
    node: h('div', { class: 'datetime' }, text, picker),
    read: () => (text.value.trim() === '' ? [] : [text.value.trim()]),
    write: (values) => (text.value = values[0] ?? ''),
  };
}

function line(id: string, input: Input): Field {
  const common = { id, name: input.id, required: input.required, autocomplete: 'off' };
  const node =
    input.kind === 'long'
      ? h('textarea', { ...common, rows: 3 })
      : h('input', { ...common, type: 'text', inputmode: input.kind === 'number' ? 'decimal' : 'text' });
  return {
    node,
    read: () => (node.value.trim() === '' ? [] : [node.value.trim()]),
    write: (values) => (node.value = values[0] ?? ''),
  };
}

function field(id: string, input: Input): Field {
  switch (input.kind) {
    case 'choice':
    case 'person':
    case 'department':
      return select(id, input);
    case 'multi':
      return several(id, input);
    case 'datetime':
      return datetime(id, input);
    default:
      return line(id, input);
  }
}

export class CardView {
  readonly node: HTMLElement;
  private readonly fields = new Map<string, Field>();
  private readonly form: HTMLFieldSetElement;
  private sending = false;

  constructor(
    private readonly card: Card,
    message: string,
    private readonly press: Press,
  ) {
    const inputs = card.inputs.map((input) => {
      const id = `in-${message}-${input.id}`;
      const made = field(id, input);
      made.write(valuesOf(input));
      this.fields.set(input.id, made);
      return h(
        'div',
        { class: 'input' },
        h('label', { for: id }, input.label, input.required && h('span', { class: 'required', title: t('required') }, ' *')),
        made.node,
      );
    });
    this.form = h(
      'fieldset',
      {},
      ...inputs,
      card.buttons.length > 0 && h('div', { class: 'buttons' }, ...card.buttons.map((button) => this.button(button))),
    );
    const body = h(
      'form',
      { class: 'card-form', novalidate: true, onsubmit: (event: Event) => this.submit(event) },
      this.form,
    );
    this.node = h(
      'div',
      { class: `card tone-${card.tone}` },
      h('h3', {}, card.title),
      card.fields.length > 0 &&
        h('dl', {}, ...card.fields.flatMap((one) => [h('dt', {}, one.label), h('dd', {}, one.value)])),
      card.body !== '' && h('p', { class: 'body' }, card.body),
      card.table && tableOf(card.table),
      card.chart && chartOf(card.chart),
      inputs.length + card.buttons.length > 0 && body,
      card.footer !== '' && h('p', { class: 'footer' }, card.footer),
    );
  }

  /** What somebody was typing survives an update of the card. */
  keep(before: CardView): void {
    for (const [id, mine] of this.fields) {
      const theirs = before.fields.get(id);
      const input = before.card.inputs.find((one) => one.id === id);
      if (!theirs || !input) continue;
      const typed = theirs.read();
      if (typed.join('\n') !== valuesOf(input).join('\n')) mine.write(typed);
    }
  }

  private button(button: Button): HTMLButtonElement {
    return h(
      'button',
      {
        type: 'button',
        class: `button ${button.style}`,
        'data-action': button.action,
        title: button.command === '' ? null : t('typed', { command: button.command }),
        onclick: () => void this.send(button),
      },
      button.label,
    );
  }

  private submit(event: Event): void {
    event.preventDefault();
    const first = this.card.buttons.find((button) => button.style === 'primary') ?? this.card.buttons[0];
    if (first) void this.send(first);
  }

  private async send(button: Button): Promise<void> {
    if (this.sending) return;
    const inputs: Inputs = {};
    for (const input of this.card.inputs) {
      const made = this.fields.get(input.id);
      const values = made?.read() ?? [];
      if (input.required && values.length === 0 && button.style === 'primary') {
        toast('warning', t('missing', { label: input.label }));
        (made?.node.querySelector<HTMLElement>('input, select, textarea') ?? made?.node)?.focus();
        return;
      }
      if (values.length > 0) inputs[input.id] = input.kind === 'multi' ? values : (values[0] ?? '');
    }
    this.sending = true;  // also while the question stands: one press, one answer
    try {
      if (button.confirm !== null && !(await ask(button.confirm, button.style === 'danger'))) return;
      this.form.disabled = true;
      await this.press(button.action, inputs);
    } finally {
      this.form.disabled = false;
      this.sending = false;
    }
  }
}
