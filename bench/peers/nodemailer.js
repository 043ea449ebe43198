// nodemailer's pool of ten connections: html and text, ready bytes with a head of their own, or html signed by DKIM.
'use strict';
const { createHmac, generateKeyPairSync } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { createInterface } = require('node:readline');
const nodemailer = require('nodemailer');

const [port, letters, path, kind] = process.argv.slice(2);
const material = JSON.parse(readFileSync(path, 'utf8'));
const site = 'https://news.example.org';
const sender = 'digest@example.org';

const own = (n) => {
  const token = createHmac('sha256', 'a secret for the bench').update(String(n)).digest('hex').slice(0, 34);
  return { email: `reader-${n}@example.net`, link: `${site}/u/${token}` };
};

const filled = (body, { email, link }) => body
  .replaceAll(material.email_mark, email)
  .replaceAll(material.unsubscribe_mark, link)
  .replaceAll(material.web_mark, `${site}/issues/1`);

const html = (n) => {
  const reader = own(n);
  return {
    from: sender,
    to: reader.email,
    subject: material.subject,
    messageId: `<${n}@example.org>`,
    headers: { 'List-Unsubscribe': `<${reader.link}>` },
    html: filled(material.html, reader),
    text: filled(material.text, reader),
  };
};

const raw = (n) => {
  const { email, link } = own(n);
  const head = `To: ${email}\r\nMessage-ID: <${n}@example.org>\r\nList-Unsubscribe: <${link}>\r\n`;
  return { envelope: { from: sender, to: email }, raw: head + material.ready };
};

const signing = () => ({
  domainName: 'example.org',
  keySelector: 'key',
  privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
});

const send = async () => {
  const pool = nodemailer.createTransport({
    pool: true, maxConnections: 10, maxMessages: Infinity, host: '127.0.0.1', port: Number(port), secure: false,
    ignoreTLS: true, ...(kind === 'dkim' ? { dkim: signing() } : {}),
  });
  const make = kind === 'raw' ? raw : html;
  let next = 0;
  const worker = async () => { while (next < Number(letters)) await pool.sendMail(make(next++)); };
  await Promise.all(Array.from({ length: 20 }, worker));
  pool.close();
};

createInterface({ input: process.stdin }).once('line', async () => {
  const began = process.hrtime.bigint();
  const before = process.cpuUsage();
  await send();
  const { user, system } = process.cpuUsage(before);
  const memory = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  console.log(JSON.stringify({ seconds: Number(process.hrtime.bigint() - began) / 1e9, cpu: (user + system) / 1e6, memory }));
  process.exit(0);
});
console.log('ready');
