// Times as the server writes them: RFC 3339 with the company's offset. They are shown in that offset, wherever the browser is.

import { language, t } from './i18n';

interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  weekday: number;
  offset: string;
}

export function offsetOf(time: string): string {
  return /(Z|[+-]\d\d:\d\d)$/.exec(time)?.[1] ?? 'Z';
}

function offsetMinutes(offset: string): number {
  if (offset === 'Z') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  return offset.startsWith('-') ? -minutes : minutes;
}

function wall(instant: number, offset: string): Wall {
  const shifted = new Date(instant + offsetMinutes(offset) * 60000);
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    weekday: shifted.getUTCDay(),
    offset,
  };
}

const two = (value: number): string => String(value).padStart(2, '0');
const days = { zh: ['周日', '周一', '周二', '周三', '周四', '周五', '周六'], en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] };
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function clockTime(instant: number, offset: string): string {
  const at = wall(instant, offset);
  return `${two(at.hour)}:${two(at.minute)}`;
}
export function dayText(instant: number, offset: string): string {
  const at = wall(instant, offset);
  const weekday = days[language()][at.weekday];
  return language() === 'zh' ? `${at.month}月${at.day}日 ${weekday}` : `${weekday} ${at.day} ${months[at.month - 1]}`;
}
export function dateTime(instant: number, offset: string): string {
  return `${dayText(instant, offset)} ${clockTime(instant, offset)}`;
}
/** As a field for date and time holds it. */
export function fieldTime(instant: number, offset: string): string {
  const at = wall(instant, offset);
  return `${at.year}-${two(at.month)}-${two(at.day)}T${two(at.hour)}:${two(at.minute)}`;
}
/** 09:00 of the day after, in the same offset. */
export function nextMorning(instant: number, offset: string): string {
  const at = wall(instant + 24 * 3600000, offset);
  return `${at.year}-${two(at.month)}-${two(at.day)}T09:00:00${offset}`;
}
export function until(at: number, now: number): string {
  const minutes = Math.round((at - now) / 60000);
  if (minutes < 1) return t('now');
  if (minutes < 120) return t('after_minutes', { n: minutes });
  const hours = Math.round(minutes / 60);
  return hours < 48 ? t('after_hours', { n: hours }) : t('after_days', { n: Math.round(hours / 24) });
}
