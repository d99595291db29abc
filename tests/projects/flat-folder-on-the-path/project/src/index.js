console.log("a frontend");
