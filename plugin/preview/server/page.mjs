/**
 * The page that every address of the preview answers with. What a Grafana server would write into it is asked for by
 * the host script, which comes as a module; theme and language are the reader's choice, kept in the browser.
 */
export const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Tidemark (preview)</title>
    <link rel="icon" href="/public/plugins/tidemark-storage-app/img/logo.svg" />
    <link rel="stylesheet" href="/public/build/boot.css" />
    <script>
      window.__grafana_public_path__ = '/public/';
    </script>
    <script src="/public/build/system.js"></script>
  </head>
  <body>
    <div id="reactRoot"></div>
    <script type="module" src="/public/build/boot.js"></script>
  </body>
</html>
`;
