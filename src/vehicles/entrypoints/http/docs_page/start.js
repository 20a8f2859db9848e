// Otherwise the page would prefill every optional parameter, and the first list that a user tries would be empty.
function withoutOptionalExamples(contract) {
  for (const operations of Object.values(contract.paths)) {
    for (const { parameters = [] } of Object.values(operations)) {
      for (const parameter of parameters) {
        if (!parameter.required) delete parameter.example;
      }
    }
  }
  return contract;
}

window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#api",
  deepLinking: true,
  validatorUrl: null, // the default validator is on another host
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  plugins: [{
    statePlugins: {
      spec: { wrapActions: { updateJsonSpec: (update) => (contract) => update(withoutOptionalExamples(contract)) } }
    }
  }]
});
