// What the page knows: the world, every message, who one is and what one has read.

import { api, type Chat, type Message, type Person, type Planned, type World } from './api';
import { offsetOf } from './time';

export interface Known extends Message {
  firstRev: number; // when it was first seen: what counts as unread
  order: number;
}
interface Seen {
  [personAndChat: string]: number;
}

interface Kept {
  rev: number;
  baseline: number;
  seen: Seen;
}

const seenKey = 'xieban.seen';

class State {
  world: World = { now: '1970-01-01T00:00:00Z', running: true, chats: [], people: [], departments: [] };
  messages = new Map<string, Known>();
  plan: Planned[] = [];
  rev = 0;
  person = '';
  chat = '';
  offline = false;
  private clockRead = 0; // performance.now() when `world.now` was told
  private nextOrder = 0;
  private baseline = 0; // what was there when the page was opened counts as read
  private seen: Seen = {};
  private people = new Map<string, Person>();

  get now(): number {
    return Date.parse(this.world.now) + (performance.now() - this.clockRead);
  }
  get offset(): string {
    return offsetOf(this.world.now);
  }
  setNow(now: string): void {
    this.world.now = now;
    this.clockRead = performance.now();
  }

  async loadWorld(): Promise<void> {
    const world = await api.world();
    this.world = world;
    this.setNow(world.now);
    this.people = new Map(world.people.map((person) => [person.id, person]));
    const first = world.people[0];
    if (!this.people.has(this.person) && first) this.person = first.id;
    if (!this.chats().some((chat) => chat.id === this.chat)) this.chat = this.chats()[0]?.id ?? '';
  }
  /** Everything from the beginning: at the start and after a reset. */
  async restart(first: boolean): Promise<void> {
    this.messages.clear();
    this.rev = 0;
    this.seen = {};
    this.baseline = 0;
    await this.loadWorld();
    await this.poll();
    if (first) {
      this.baseline = this.rev;
      try {
        const kept = JSON.parse(sessionStorage.getItem(seenKey) ?? 'null') as Kept | null;
        if (kept && kept.rev <= this.rev) {
          this.seen = kept.seen;
          this.baseline = kept.baseline;
        }
      } catch {
        // Not ours; unread marks begin anew.
      }
    }
  }
  /** Asks what changed; true if anything did. */
  async poll(): Promise<boolean> {
    const { messages, rev } = await api.messages(this.rev);
    if (rev < this.rev) {
      await this.restart(false);
      return true;
    }
    this.rev = rev;
    return this.take(messages);
  }
  take(messages: Message[]): boolean {
    let changed = false;
    for (const message of messages) {
      const before = this.messages.get(message.id);
      if (before && before.rev >= message.rev) continue;
      this.messages.set(message.id, {
        ...message,
        firstRev: before?.firstRev ?? message.rev,
        order: before?.order ?? this.nextOrder++,
      });
      changed = true;
    }
    return changed;
  }

  name(id: string): string | undefined {
    return this.people.get(id)?.name;
  }
  departmentOf(id: string): string {
    const department = this.people.get(id)?.department;
    return this.world.departments.find((one) => one.id === department)?.name ?? '';
  }
  chats(person = this.person): Chat[] {
    return this.world.chats.filter((chat) => chat.members.includes(person));
  }
  chatNow(): Chat | undefined {
    return this.world.chats.find((chat) => chat.id === this.chat);
  }
  visible(chat: string, person = this.person): Known[] {
    const shown: Known[] = [];
    for (const message of this.messages.values()) {
      if (message.chat === chat && (message.to === null || message.to === person)) shown.push(message);
    }
    return shown.sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at) || a.order - b.order);
  }
  private readTo(person: string, chat: string): number {
    return Math.max(this.seen[`${person} ${chat}`] ?? 0, this.baseline);
  }
  unread(person: string, chat: string): number {
    const from = this.readTo(person, chat);
    let count = 0;
    for (const message of this.messages.values()) {
      if (message.chat !== chat || message.firstRev <= from || message.from === person) continue;
      if (message.to === null || message.to === person) count += 1;
    }
    return count;
  }
  /** Unread in private chat, mentions and urgent ones: what a person would be called for. */
  calls(person: string): number {
    let count = 0;
    for (const message of this.messages.values()) {
      if (message.from === person || message.firstRev <= this.readTo(person, message.chat)) continue;
      if (message.chat === `p:${person}` || message.to === person || message.mentions.includes(person)) count += 1;
    }
    return count;
  }
  markRead(): void {
    const key = `${this.person} ${this.chat}`;
    if ((this.seen[key] ?? 0) >= this.rev) return;
    this.seen[key] = this.rev;
    sessionStorage.setItem(seenKey, JSON.stringify({ rev: this.rev, baseline: this.baseline, seen: this.seen } satisfies Kept));
  }
}

export const state = new State();
