// The playground's API, as the contract has it.

export type Tone = 'neutral' | 'info' | 'warning' | 'danger' | 'success';
export type InputKind = 'text' | 'long' | 'number' | 'choice' | 'multi' | 'person' | 'department' | 'datetime';

export interface Choice {
  value: string;
  label: string;
}
export interface Input {
  id: string;
  label: string;
  kind: InputKind;
  required: boolean;
  value: string | string[] | null;
  options: Choice[];
  people?: Choice[];  // instead of one of the options
  people_label?: string;
}
export interface Button {
  action: string;
  label: string;
  style: 'primary' | 'normal' | 'danger';
  confirm: string | null;
  command: string;
}
export interface Table {
  columns: string[];
  state: number;  // the column that shows whether a row is late
  rows: { cells: string[]; late: boolean }[];
}
export interface Chart {
  title: string;
  series: string[];
  bars: { label: string; values: number[] }[];
}
/** Cards that were kept before there were tables and charts have neither member. */
export interface Card {
  title: string;
  tone: Tone;
  fields: { label: string; value: string }[];
  body: string;
  table?: Table | null;
  chart?: Chart | null;
  inputs: Input[];
  buttons: Button[];
  footer: string;
}
export interface Message {
  id: string;
  rev: number;
  chat: string;
  from: string;
  to: string | null;
  kind: 'said' | 'text' | 'card';
  text: string;
  card: Card | null;
  mentions: string[];
  urgent: boolean;
  request: string | null;
  created_at: string;
  updated_at: string;
}
export interface Chat {
  id: string;
  name: string;
  kind: 'group' | 'private';
  app: string;
  members: string[];
}
export interface Person {
  id: string;
  name: string;
  department: string;
  title: string;
  roles: string[];
}
export interface Department {
  id: string;
  name: string;
}
export interface World {
  now: string;
  running: boolean;
  chats: Chat[];
  people: Person[];
  departments: Department[];
}
export interface Planned {
  at: string;
  elapsed: string;
  request: string;
  clock: string;
  rung: string;
  to: { role: string; person: string }[];
  by: 'private' | 'group' | 'urgent';
  text: string;
}
export interface Foreseen {
  at: string;
  elapsed: string;
  clock: string;
  rung: string;
  role: string;
  person: string;
  by: 'private' | 'group' | 'urgent';
  text: string;
}
export interface Preview {
  types: { id: string; name: string }[];
  type: string;
  department: string;
  raised_at: string;
  messages: Foreseen[];
}
export interface Toast {
  tone: Tone;
  text: string;
}
export interface Turned {
  now: string;
  next: string | null;
  wakes: number;
  sends: number;
}
/** An example, and what goes over the line for it on each platform. */
export interface Example {
  name: string;
  card: Card | null;
  text: string;
  wires: { platform: string; json: string }[];
}
export type Inputs = Record<string, string | string[]>;

/** What the server answered instead; `code` is "network" when there was no answer. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

async function call<T>(path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`api/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      cache: 'no-store',
      ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError('network', '');
  }
  let answer: unknown = null;
  try {
    answer = await response.json();
  } catch {
    // An empty or cut answer is told by its status below.
  }
  if (response.ok && answer !== null) return answer as T;
  const error = (answer as { error?: { code: string; message: string } } | null)?.error;
  throw new ApiError(error?.code ?? (response.status === 503 ? 'busy' : 'network'), error?.message ?? '');
}

export const api = {
  world: () => call<World>('world'),
  messages: (after: number) => call<{ messages: Message[]; rev: number }>(`messages?after=${after}`),
  plan: () => call<{ plan: Planned[] }>('plan'),
  preview: (type: string, department: string, raisedAt: string) =>
    call<Preview>(`preview?${new URLSearchParams({ type, department, raised_at: raisedAt }).toString()}`),
  say: (chat: string, user: string, text: string) => call<{ said: Message; messages: Message[] }>('say', { chat, user, text }),
  press: (chat: string, user: string, message: string, action: string, inputs: Inputs) =>
    call<{ toast: Toast | null; messages: Message[] }>('press', { chat, user, message, action, inputs }),
  enter: (chat: string, user: string) => call<{ messages: Message[] }>('enter', { chat, user }),
  clock: (turn: { advance: string } | { to: string }) => call<Turned>('clock', turn),
  cards: () => call<{ cards: Example[] }>('cards'),
  reset: () => call<{ now: string }>('reset', {}),
};
