// What a paper lacks while it is typed in. Which fields a kind of request has to have is the API's table; here is only
// whether each of them says something. The API says so again once it is saved.

/** How each field is said by the form, where it is not one input of its own name. */
const ways = {
  applicant: ({ said }) => said('name') !== '',
  address: ({ said }) => said('address') !== '' || said('register') !== '',
  signature: ({ signed }) => signed,
  basis: ({ basis }) => basis !== undefined,
  'basis text': ({ basis, said }) => !basis?.says || said('basis_text') !== '',
  footage: ({ footage }) => footage > 0,
  data: ({ data }) => data > 0,
};

/** The fields that are required and say nothing. */
export const missingFields = (form) => form.required.filter((field) => !(ways[field] ? ways[field](form) : form.said(field) !== ''));
