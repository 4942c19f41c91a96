// Toasts and questions.

import { ApiError, type Tone } from './api';
import { h } from './dom';
import { t } from './i18n';

let stack: HTMLElement | null = null;

/** Where toasts appear; screen readers are told. */
export function toastStack(): HTMLElement {
  stack = h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' });
  return stack;
}

export function toast(tone: Tone, text: string): void {
  if (!stack || text === '') return;
  // News of the same kind replace each other: the newest is what counts.
  for (const old of stack.querySelectorAll(`.tone-${tone}`)) old.remove();
  const node = h('div', { class: `toast tone-${tone}` }, text);
  stack.append(node);
  setTimeout(() => node.remove(), Math.min(9000, 3000 + text.length * 60));
}

export function toastError(error: unknown): void {
  if (!(error instanceof ApiError)) throw error;
  switch (error.code) {
    case 'network':
      toast('danger', t('offline'));
      break;
    case 'busy':
    case 'unavailable':
      toast('warning', t('busy'));
      break;
    case 'unknown_action':
      toast('warning', t('old_card'));
      break;
    case 'unknown_message':
    case 'unknown_chat':
    case 'unknown_user':
      toast('warning', t('gone'));
      break;
    case 'real_apps':
      toast('warning', t('real_apps'));
      break;
    default:
      toast('danger', t('failed', { text: error.message || error.code }));
  }
}

/** Asks before something is done. Escape and the backdrop are a no. */
export function ask(question: string, danger = false): Promise<boolean> {
  return new Promise((resolve) => {
    const dialog = h(
      'dialog',
      { class: 'ask', 'aria-label': question },
      h('p', {}, question),
      h(
        'div',
        { class: 'row end' },
        h('button', { type: 'button', class: 'button', onclick: () => dialog.close('no') }, t('cancel')),
        h(
          'button',
          { type: 'button', class: `button ${danger ? 'danger' : 'primary'}`, 'data-confirm': true, onclick: () => dialog.close('yes') },
          t('confirm'),
        ),
      ),
    );
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog) dialog.close('no');
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
