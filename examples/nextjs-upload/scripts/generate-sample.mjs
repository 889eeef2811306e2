// Writes public/sample-contacts.csv: 3,000 invented contacts, 12 of them broken on purpose.
// The seed is fixed, so every run writes the same bytes. Run it with `npm run sample`.

import { writeFileSync } from "node:fs";

const ROWS = 3000;
const BROKEN_EVERY = 250; // 3,000 / 250 = 12 rows that validation must reject

const FIRST_NAMES =
  "Amara Anouk Bilal Carmen Chidi Dmitri Elif Emeka Farah Freya Giulia Hana Henrik Ines Ivan Jonas Kaito Keira Lars Leila Lucía Malik Mateo Mei Nadia Noah Olga Oscar Priya Quentin Ravi Rosa Sanna Sven Tariq Thandi Uma Viktor Yara Zoë".split(
    " ",
  );
const LAST_NAMES =
  "Abebe Andersson Bakker Banerjee Castillo Chen Costa Dubois Eriksen Fischer García Haddad Hughes Ito Jansen Kaya Kim Kowalski Larsen Lindqvist Mbeki Moreau Müller Nakamura Nguyen Novak O'Brien Okafor Olsen Patel Pereira Petrov Quinn Rossi Sato Schmidt Silva Tanaka Varga Walsh".split(
    " ",
  );
// Some names hold a comma, so that a parser which only splits on commas would fail.
const COMPANIES = [
  "Alder & Finch",
  "Blue Harbor Logistics",
  "Cobalt Foods",
  "Driftwood Studio",
  "Ember Analytics",
  "Fjord Robotics",
  "Granite Legal, LLP",
  "Heron Travel",
  "Ironbark Supply",
  "Juniper Health",
  "Kestrel Aviation",
  "Lantern Books",
  "Meridian, Hart & Co",
  "Northwind Energy",
  "Orchard Payments",
  "Pinecone Games",
  "Quarry Stoneworks",
  "Riverbend Clinic",
  "Saltmarsh Marine, Ltd.",
  "Tidewater Brewing",
];
const CITIES = [
  ["Accra", "GH"],
  ["Bogotá", "CO"],
  ["Bristol", "GB"],
  ["Chennai", "IN"],
  ["Gdańsk", "PL"],
  ["Hanoi", "VN"],
  ["Lisbon", "PT"],
  ["Lyon", "FR"],
  ["Malmö", "SE"],
  ["Montréal", "CA"],
  ["Nairobi", "KE"],
  ["Osaka", "JP"],
  ["Portland", "US"],
  ["Utrecht", "NL"],
  ["Zürich", "CH"],
];
const PLANS = ["free", "free", "free", "team", "team", "business"];

// mulberry32: a tiny generator that is the same on every machine, unlike Math.random().
let state = 20260114;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const integer = (max) => Math.floor(random() * max);
const pick = (list) => list[integer(list.length)];

const slug = (text) =>
  text
    .normalize("NFD")
    .replace(/[^A-Za-z0-9]+/g, "")
    .toLowerCase();

const usedEmails = new Set();
function uniqueEmail(first, last, company) {
  // The top-level domain .example is reserved, so nobody can own these addresses.
  for (let n = 1; ; n++) {
    const email = `${slug(first)}.${slug(last)}${n === 1 ? "" : n}@${slug(company)}.example`;
    if (!usedEmails.has(email)) {
      usedEmails.add(email);
      return email;
    }
  }
}

function contact() {
  const [first_name, last_name, company] = [pick(FIRST_NAMES), pick(LAST_NAMES), pick(COMPANIES)];
  const [city, country] = pick(CITIES);
  const plan = pick(PLANS);
  const signedUp = new Date(Date.UTC(2021, 0, 1 + integer(5 * 365)));
  return {
    email: uniqueEmail(first_name, last_name, company),
    first_name,
    last_name,
    company,
    city,
    country,
    plan,
    seats: String(plan === "free" ? 1 : 2 + integer(plan === "team" ? 18 : 240)),
    signed_up_on: signedUp.toISOString().slice(0, 10),
  };
}

// The mistakes that real exports have.
const MISTAKES = [
  { email: "" },
  { email: "not an address" },
  { signed_up_on: "31.02.2024" },
  { plan: "gold" },
  { seats: "-3" },
  { last_name: "" },
];

const quote = (value) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

const lines = [];
for (let row = 1; row <= ROWS; row++) {
  const fields = contact();
  if (lines.length === 0) lines.push(Object.keys(fields).join(","));
  if (row % BROKEN_EVERY === 0) {
    Object.assign(fields, MISTAKES[(row / BROKEN_EVERY - 1) % MISTAKES.length]);
  }
  lines.push(Object.values(fields).map(quote).join(","));
}

writeFileSync(new URL("../public/sample-contacts.csv", import.meta.url), `${lines.join("\n")}\n`);
