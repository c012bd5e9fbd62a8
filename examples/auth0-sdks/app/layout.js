// The layout around all pages of the ledger app.
export const metadata = { title: 'Ledger app', icons: 'data:,' };

export default ({ children }) => (
  <html lang="en">
    <body>{children}</body>
  </html>
);
