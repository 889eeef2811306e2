import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** On a LAN address over plain HTTP these are not there: use kit/copy and api/id. */
const banned = [
  "MemberExpression[object.name='navigator'][property.name='clipboard']",
  "MemberExpression[object.name='crypto'][property.name='randomUUID']",
  "MemberExpression[object.name='crypto'][property.name='subtle']",
];

export default tseslint.config(
  { ignores: ["dist", "node_modules"] },
  tseslint.configs.strict,
  hooks.configs.flat["recommended-latest"],
  {
    rules: {
      "no-restricted-syntax": [
        "error",
        ...banned.map((selector) => ({
          selector,
          message: "not available in an insecure context: see kit/copy.ts",
        })),
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      // It warns of what the React compiler would leave out; that is not used here.
      "react-hooks/incompatible-library": "off",
    },
  },
);
