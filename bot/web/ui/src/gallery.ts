// Every kind of card as the playground draws it, with what goes over the line on each platform, for people to look at.

import { api, ApiError, type Example } from './api';
import { CardView } from './card';
import { toast, toastStack } from './dialogs';
import { byId, h } from './dom';
import { t } from './i18n';

function platforms(example: Example): HTMLElement[] {
  return example.wires.map((wire) =>
    h('details', {}, h('summary', {}, wire.platform), h('pre', { 'data-platform': wire.platform }, wire.json)),
  );
}

function shown(example: Example): HTMLElement {
  const press = async () => toast('info', t('gallery_press'));
  const drawn = example.card
    ? new CardView(example.card, `example-${example.name}`, press).node
    : h('p', { class: 'said' }, example.text === '' ? t('gallery_none') : example.text);
  return h('section', { id: example.name, 'data-card': example.name }, h('h2', {}, example.name), drawn, ...platforms(example));
}

export class Gallery {
  private readonly root = byId('app');

  async start(): Promise<void> {
    document.title = t('gallery_title');
    const list = h('main', { class: 'gallery' }, h('h1', {}, t('gallery_title')), h('p', {}, t('gallery_hint')));
    this.root.append(list, toastStack());
    try {
      const { cards } = await api.cards();
      list.append(
        h('nav', {}, ...cards.map((one) => h('a', { href: `#${one.name}` }, one.name))),
        ...cards.map((one) => shown(one)),
      );
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      list.append(h('p', { role: 'alert' }, t('offline')));
    }
    this.root.dataset['ready'] = 'true';
  }
}
