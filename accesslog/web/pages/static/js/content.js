// What a request says, as facts: for the page of it, and for whoever decides on it.

import { el } from './dom.js';
import { of, t } from './words.js';

/** The facts of a content; forms has the words of what there is to choose from. What is not said is left out. */
export function contentFacts(content, kind, forms) {
  const { applicant = {}, case: about = {} } = content;
  const lines = (...parts) => parts.filter(Boolean).flatMap((part, i) => (i ? [el('br'), part] : [part]));
  const basis = forms.kinds.flatMap(({ bases }) => bases).find(({ id }) => id === content.basis)?.text;
  const words = (list, ids = []) => ids.map((id) => list.find((one) => one.id === id)?.text ?? id).join(', ');
  const facts = [
    [kind === 'own initiative' ? t('request.recipient-is') : t('request.applicant'), lines(applicant.name && el('strong', {}, applicant.name), applicant.address, applicant.register && t('request.register-is', { number: applicant.register }))],
    [t('request.contact'), lines(applicant.contact)],
    [t('request.signatory'), lines(applicant.signatory, applicant.rank)],
    [t('request.identity'), lines(content.identity)],
    [t('request.basis'), lines(basis, content.basis_text)],
    [t('request.purpose'), lines(...(content.purpose ?? '').split('\n'))],
    [t('request.case'), lines(about.subject, about.number && t('requests.of-case', { number: about.number }), about.body)],
    [t('request.data'), lines(words(forms.data, content.data))],
    [t('request.form'), lines(content.form && of('receive.form-of', content.form), content.manner)],
    [t('request.remark'), lines(...(content.remark ?? '').split('\n'))],
  ];
  return el('dl', { class: 'facts' }, facts.filter(([, value]) => value.length).flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
}
