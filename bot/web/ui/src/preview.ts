// What a type would do about a request that nobody answers: read before it is switched on.

import { api, type Foreseen } from './api';
import { toastError } from './dialogs';
import { fill, h } from './dom';
import { rung, t, word } from './i18n';
import { state } from './state';
import { dateTime, fieldTime } from './time';

export class PreviewView {
  readonly node: HTMLElement;
  private readonly title = h('summary', {});
  private readonly intro = h('p', { class: 'none' });
  private readonly type = h('select', { id: 'preview-type' });
  private readonly department = h('select', { id: 'preview-department' });
  private readonly raised = h('input', { id: 'preview-raised', type: 'datetime-local' });
  private readonly labels = { type: h('label', { for: 'preview-type' }), department: h('label', { for: 'preview-department' }), raised: h('label', { for: 'preview-raised' }) };
  private readonly list = h('ol', { class: 'timeline', id: 'preview-list' });
  private asked = 0;

  constructor() {
    for (const field of [this.type, this.department, this.raised]) field.addEventListener('change', () => void this.ask());
    this.node = h(
      'details',
      { class: 'preview', id: 'preview' },
      this.title,
      this.intro,
      h('div', { class: 'fields' }, this.labels.type, this.type, this.labels.department, this.department, this.labels.raised, this.raised),
      this.list,
    );
    this.node.addEventListener('toggle', () => {
      if ((this.node as HTMLDetailsElement).open) void this.ask();
    });
  }

  words(): void {
    this.title.textContent = t('preview');
    this.intro.textContent = t('preview_intro');
    this.labels.type.textContent = t('preview_type');
    this.labels.department.textContent = t('preview_department');
    this.labels.raised.textContent = t('preview_raised');
    if ((this.node as HTMLDetailsElement).open) void this.ask();
  }

  private async ask(): Promise<void> {
    const mine = ++this.asked;
    if (this.department.options.length === 0)
      fill(this.department, ...state.world.departments.map((one) => h('option', { value: one.id }, one.name)));
    if (this.raised.value === '') this.raised.value = fieldTime(state.now, state.offset);
    try {
      const found = await api.preview(this.type.value, this.department.value, `${this.raised.value}:00${state.offset}`);
      // An older question's answer may come last.
      if (mine !== this.asked) return;
      if (this.type.options.length === 0) fill(this.type, ...found.types.map((one) => h('option', { value: one.id }, one.name)));
      this.type.value = found.type;
      this.department.value = found.department;
      const messages = found.messages.map((one) => this.entry(one));
      fill(this.list, ...(messages.length > 0 ? messages : [h('li', { class: 'none' }, t('preview_none'))]));
    } catch (error) {
      toastError(error);
    }
  }

  private entry(one: Foreseen): HTMLElement {
    return h(
      'li',
      { class: `planned by-${one.by}`, 'data-by': one.by, 'data-role': one.role },
      h('div', { class: 'when' }, h('time', { datetime: one.at }, dateTime(Date.parse(one.at), state.offset))),
      h(
        'div',
        { class: 'what' },
        `${word('clock_', one.clock)} · ${rung(one.rung)} `,
        h('span', { class: `badge${one.by === 'urgent' ? ' danger' : ''}` }, word('by_', one.by)),
      ),
      h('div', { class: 'people' }, `${state.name(one.person) ?? one.person}（${word('role_', one.role)}）`),
      h('details', {}, h('summary', {}, one.text.split('\n')[0] ?? ''), h('p', {}, one.text)),
    );
  }
}
