// The page would begin with every example filled in, and the first list that one tries filtered down to nothing.
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
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  validatorUrl: null, // or it would ask another host
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  plugins: [{
    statePlugins: {
      spec: { wrapActions: { updateJsonSpec: (update) => (contract) => update(withoutOptionalExamples(contract)) } }
    }
  }]
});
