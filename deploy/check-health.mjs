// Exits with 0 when the page answers with 200: the image has no curl.
const response = await fetch(process.argv[2]);
process.exitCode = response.ok ? 0 : 1;
