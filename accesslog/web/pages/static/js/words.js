// What is said on the pages, in the language of the page. The keys are literals where they are used: a test looks for them.

import { words, rules } from './catalogue.js'; // of the page's language: each language has its own folder of modules

export const language = document.documentElement.lang;

/** The text of a key; fill has the values of what it leaves open. */
export function t(key, fill = {}) {
  const text = words[key];
  if (typeof text !== 'string') throw new Error(`there is no text ${key}`);
  return filled(text, fill);
}

/** The text of a key in the form that a number takes, which stands for {n}. */
export function n(key, count, fill = {}) {
  const forms = words[key];
  if (typeof forms !== 'object') throw new Error(`there is no text ${key} with forms`);
  return filled(forms[formOf(count)], { n: number(count), ...fill });
}

/** The text of a family for a value of the API; of one that is newer than the page what is said instead, or the family's "other". */
export function of(family, value, instead) {
  return words[`${family}.${value}`] ?? instead ?? t(`${family}.other`);
}

/** The form that a whole number takes, by the same rules as on the server. */
export function formOf(count) {
  const whole = Math.abs(Math.trunc(count));
  const rule = rules.find((r) => !r.is || r.is.includes(r.modulus ? whole % r.modulus : whole));
  return rule.form;
}

/** A number as it is written in the language. */
export function number(value, options = {}) {
  return new Intl.NumberFormat(language, options).format(value);
}

/** A number of bytes in a unit that people read. */
export function bytes(count) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let step = 0;
  for (; count >= 1000 && step < units.length - 1; step++) count /= 1000;
  return `${number(count, { maximumFractionDigits: count < 10 && step > 0 ? 1 : 0 })} ${units[step]}`;
}

function filled(text, fill) {
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    if (!(name in fill)) throw new Error(`"${text}" has no value for ${name}`);
    return fill[name];
  });
}
