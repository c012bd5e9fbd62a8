// The configuration of Next.js: hides its development indicators.
export default { devIndicators: false };
