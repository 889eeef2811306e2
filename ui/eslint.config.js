import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const INSECURE = "not available in an insecure context (plain HTTP on a LAN address): see kit/copy.ts";
const banned = [
  ["MemberExpression[object.name='navigator'][property.name='clipboard']", INSECURE],
  ["MemberExpression[object.name='crypto'][property.name='randomUUID']", INSECURE],
  ["MemberExpression[object.name='crypto'][property.name='subtle']", INSECURE],
  ["TSAsExpression > TSNeverKeyword", "`as never` switches the types off: say what it is"],
];

export default tseslint.config(
  { ignores: ["dist", "node_modules"] },
  tseslint.configs.strict,
  hooks.configs.flat["recommended-latest"],
  {
    rules: {
      "no-restricted-syntax": ["error", ...banned.map(([selector, message]) => ({ selector, message }))],
      "@typescript-eslint/consistent-type-imports": "error",
      // It warns of what the React compiler would leave out; that is not used here.
      "react-hooks/incompatible-library": "off",
    },
  },
  {
    files: ["src/**"],
    ignores: ["src/url/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          name: "@tanstack/react-router",
          importNames: ["Link", "useNavigate", "useSearch", "useParams"],
          message: "its addresses are not typed: see url/link.tsx and url/navigation.ts",
        },
      ],
    },
  },
);
