// The page: puts the parts together and keeps them in step with the server.

import './style.css';
import { api, ApiError, type Inputs } from './api';
import { ClockBar } from './clockbar';
import { Composer } from './composer';
import { Gallery } from './gallery';
import { ask, toast, toastError, toastStack } from './dialogs';
import { byId, h } from './dom';
import { language, setLanguage, t } from './i18n';
import { PlanView } from './plan';
import { Sidebar } from './sidebar';
import { state, type Known } from './state';
import { Stream } from './stream';

const personKey = 'xieban.person';

class Page {
  private readonly root = byId('app');
  private readonly sidebar = new Sidebar(
    (chat) => this.openChat(chat),
    (person) => this.be(person),
  );
  private readonly stream = new Stream(
    (message, action, inputs) => this.press(message, action, inputs),
    (text) => this.composer.put(text),
  );
  private readonly composer = new Composer((text) => this.say(text));
  private readonly clock = new ClockBar(() => this.refresh());
  private readonly plan = new PlanView(
    (to) => void this.clock.turn({ to }),
    () => this.togglePlan(false),
  );
  private readonly chatName = h('h1', { id: 'chat-name' });
  private readonly brand = h('span', { class: 'brand' });
  private readonly offline = h('div', { class: 'offline', role: 'alert', hidden: true });
  private readonly menu = h('button', { type: 'button', class: 'icon menu', id: 'menu', 'aria-controls': 'sidebar', onclick: () => this.toggleMenu() }, '☰');
  private readonly planButton = h('button', { type: 'button', class: 'button small', id: 'plan-open', 'aria-controls': 'plan', onclick: () => this.togglePlan() });
  private readonly languageButton = h('button', { type: 'button', class: 'button small', id: 'language', onclick: () => this.changeLanguage() });
  private readonly resetButton = h('button', { type: 'button', class: 'button small', id: 'reset', onclick: () => void this.reset() });
  private timer = 0;
  private wait = 1500;
  private polling: Promise<void> | null = null;
  private round = 0;

  async start(): Promise<void> {
    this.root.append(
      h(
        'header',
        { class: 'top' },
        this.menu,
        h('span', { class: 'logo', 'aria-hidden': 'true' }, '协'),
        this.brand,
        this.clock.node,
        h('div', { class: 'tools' }, this.planButton, this.languageButton, this.resetButton),
      ),
      this.offline,
      h(
        'div',
        { class: 'columns' },
        this.sidebar.node,
        h('div', { class: 'shade', onclick: () => this.closeDrawers() }),
        h('main', {}, this.chatName, this.stream.node, this.composer.node),
        this.plan.node,
      ),
      toastStack(),
    );
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.closeDrawers();
    });
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.soon();
    });
    if (window.matchMedia('(min-width: 1180px)').matches) this.togglePlan(true);
    state.person = sessionStorage.getItem(personKey) ?? '';
    this.words();
    await this.begin();
  }

  /** The server may still be starting when the page is there. */
  private async begin(): Promise<void> {
    try {
      await state.restart(true);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.setOffline(true);
      setTimeout(() => void this.begin(), 1500);
      return;
    }
    await this.refresh();
    this.root.dataset['ready'] = 'true';
  }

  private words(): void {
    document.title = t('title');
    document.documentElement.lang = language() === 'zh' ? 'zh-CN' : 'en';
    this.brand.textContent = `${t('brand')} · ${t('tagline')}`;
    this.offline.textContent = t('offline');
    this.menu.setAttribute('aria-label', t('menu'));
    this.planButton.textContent = t('plan');
    this.languageButton.textContent = t('language');
    this.languageButton.lang = language() === 'zh' ? 'en' : 'zh-CN';
    this.resetButton.textContent = t('reset');
    this.composer.words();
    this.clock.words();
    this.plan.words();
  }

  private draw(): void {
    const chat = state.chatNow();
    this.chatName.textContent = chat === undefined ? '' : chat.kind === 'private' ? t('private_with') : `${chat.name}（${chat.members.length}）`;
    if (!document.hidden) state.markRead();
    this.sidebar.draw();
    this.stream.draw(language());
    this.clock.tick();
  }

  private changeLanguage(): void {
    setLanguage(language() === 'zh' ? 'en' : 'zh');
    this.words();
    this.draw();
    this.plan.draw();
  }

  private be(person: string): void {
    state.person = person;
    sessionStorage.setItem(personKey, person);
    // Who takes over another person's phone looks at the same chat, if they are in it.
    const chats = state.chats();
    if (!chats.some((chat) => chat.id === state.chat)) {
      state.chat = chats.find((chat) => chat.id === `p:${person}`)?.id ?? chats[0]?.id ?? '';
    }
    this.composer.words();
    this.draw();
    void this.enter();
  }

  private openChat(chat: string): void {
    state.chat = chat;
    this.closeDrawers();
    this.composer.words();
    this.draw();
    void this.enter();
  }

  /** The bot hears that somebody opens their chat with it, as long as it is empty. */
  private async enter(): Promise<void> {
    if (state.chatNow()?.kind !== 'private' || state.visible(state.chat).length > 0) return;
    try {
      const done = await api.enter(state.chat, state.person);
      state.take(done.messages);
      await this.refresh();
    } catch {
      this.soon();
    }
  }

  // -- acting --------------------------------------------------------------------------------------

  private async say(text: string): Promise<boolean> {
    try {
      const done = await api.say(state.chat, state.person, text);
      state.take([done.said, ...done.messages]);
      await this.refresh();
      this.stream.toEnd();
      return true;
    } catch (error) {
      toastError(error);
      this.soon();
      return false;
    }
  }

  private async press(message: Known, action: string, inputs: Inputs): Promise<void> {
    try {
      const done = await api.press(message.chat, state.person, message.id, action, inputs);
      state.take(done.messages);
      if (done.toast) toast(done.toast.tone, done.toast.text);
      await this.refresh();
    } catch (error) {
      toastError(error);
      this.soon();
    }
  }

  private async reset(): Promise<void> {
    if (!(await ask(t('reset_ask'), true))) return;
    this.resetButton.disabled = true;
    try {
      await api.reset();
      await state.restart(false);
      toast('success', t('reset_done'));
      await this.refresh();
    } catch (error) {
      toastError(error);
    } finally {
      this.resetButton.disabled = false;
    }
  }

  // -- keeping in step -------------------------------------------------------------------------------

  private soon(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.refresh(false), 0);
  }

  /** Asks what changed and shows it; `all`: the clock and the plan as well. */
  private async refresh(all = true): Promise<void> {
    // Never two at once: the later answer could be the older one.
    while (this.polling) await this.polling;
    this.polling = this.ask(all);
    await this.polling;
    this.polling = null;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.refresh(false), document.hidden ? 5000 : this.wait);
  }

  private async ask(all: boolean): Promise<void> {
    try {
      this.round += 1;
      const changed = await state.poll();
      // The server's clock may have been turned from another window.
      if (all || changed || this.round % 20 === 0) {
        await state.loadWorld();
        state.plan = (await api.plan()).plan;
        this.plan.draw();
      }
      if (all || changed || state.offline) this.draw();
      this.setOffline(false);
      this.wait = 1500;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.setOffline(true);
      this.wait = Math.min(this.wait * 2, 10000);
    }
  }

  private setOffline(offline: boolean): void {
    state.offline = offline;
    this.offline.hidden = !offline;
  }

  // -- drawers on small screens ------------------------------------------------------------------------

  private toggleMenu(): void {
    const open = this.root.classList.toggle('menu-open');
    this.menu.setAttribute('aria-expanded', String(open));
    if (open) this.sidebar.node.querySelector<HTMLElement>('select')?.focus();
  }

  private togglePlan(open?: boolean): void {
    const shown = this.root.classList.toggle('plan-shown', open);
    this.planButton.setAttribute('aria-expanded', String(shown));
  }

  private closeDrawers(): void {
    this.root.classList.remove('menu-open');
    this.menu.setAttribute('aria-expanded', 'false');
    if (!window.matchMedia('(min-width: 1180px)').matches) this.togglePlan(false);
  }
}

if (window.location.pathname.endsWith('/cards')) void new Gallery().start();
else void new Page().start();
