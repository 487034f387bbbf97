/** What the documentation says of the API as a whole. */
export const introduction = `How large every database of a fleet is, how it got there, and when it fills up.

**Access.** Every route needs the header \`Authorization: Bearer tmk_…\` unless it says otherwise. A token has a role: \`admin\` may
do everything, \`viewer\` may read everything, \`owner\` sees and measures the instances that belong to its owner; for it, those of
others are not there: their ids answer 404 like ids that nobody has.

**Answers.** \`{"data": …}\`, lists \`{"data": […], "page": {"limit", "offset", "total"}}\`, errors
\`{"error": {"code", "message", "details"}}\` with a stable code. Sizes are bytes, days are \`YYYY-MM-DD\` in the configured time zone,
moments are ISO 8601 in UTC, null is "not known". Parameters that a route does not know are refused.

**Tables as CSV.** Where an answer can be \`text/csv\`, \`Accept: text/csv\` or \`format=csv\` sends all rows, whatever page was asked
for, in UTF-8 as RFC 4180 says. A text that a spreadsheet program would take for a formula has an apostrophe in front.

**Manners.** Answers carry an \`ETag\`; with \`If-None-Match\` an answer that has not changed is 304 and empty. \`X-Request-Id\` names
a request in the log of the exporter; one that is sent along is taken. After 429 and 503, \`Retry-After\` says when to come back.

**Changes.** Within \`/api/v1\` fields, parameters, routes and error codes are added, and nothing is taken away or changes its
meaning. What is to go in a later version is marked \`deprecated\` in this document and in the changelog, and answers with the headers
\`Deprecation\` (RFC 9745) and \`Sunset\` (RFC 8594), for at least twelve months.`;

/** The sections, in order. */
export const tags: readonly (readonly [name: string, description: string])[] = [
  ['Service', 'About the exporter itself: who asks, what runs when, settings, who changed what.'],
  ['Instances', 'What is watched.'],
  ['Credentials', 'The logins that are kept here. Their secrets can be written and never read.'],
  ['History', 'Sizes day by day.'],
  ['Statistics', 'What the history of an instance says.'],
  ['Fleet', 'Over all instances.'],
  ['Collections', 'Runs over the fleet.'],
  ['Tokens', 'Who may use the API.'],
  ['Documentation', 'This description.'],
];
