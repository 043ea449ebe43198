// Reads MJML on standard input and prints what the reference implementation has against it, one fault a line.
const mjml2html = require("mjml");

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const source = Buffer.concat(chunks).toString("utf8");
  const { errors } = await mjml2html(source, { validationLevel: "soft" });
  for (const fault of errors) console.log(fault.formattedMessage);
}

main();
