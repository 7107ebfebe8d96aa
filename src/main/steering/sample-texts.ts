// A few texts of several kinds, to see what a model's residual stream is like where no harvest tells it.

export const sampleTexts: readonly string[] = [
  'The harbour lay quiet under a thin layer of fog. Two fishermen were mending a net on the stones, and neither of them looked up when the first boat came in, low in the water and without a light.',
  'To make the dough, mix five hundred grams of flour with a spoon of salt, add the water little by little, and knead it for ten minutes. Let it rest under a cloth until it has doubled its size.',
  'The committee met on Tuesday to discuss next year’s budget. Several members asked for more money for the library; the treasurer answered that the tax income had fallen by four per cent since March.',
  'A triangle with two equal sides has two equal angles. To see why, draw the line from the top to the middle of the base: it divides the triangle into two that have all three sides in common.',
  'def mean(values):\n    total = 0\n    for value in values:\n        total += value\n    return total / len(values)\n\nprint(mean([3, 5, 10]))\n',
  'The patient, a man of sixty-two, was admitted with chest pain and shortness of breath. Blood pressure was 150 over 95, pulse 102. He had been taking aspirin for three years.',
  '“I never said that,” Clara answered. “I said that he might come, and you heard what you wanted to hear.” She put the cup down, a little harder than she had meant to.',
  'La ciudad se despierta temprano. En el mercado ya se venden naranjas y pan, y los niños cruzan la plaza camino de la escuela mientras suenan las campanas.',
]
